// Jobs, groups and projects are changed while their runs wait and execute, through the catalog's own methods and two dispatchers.

import { createHmac } from 'node:crypto'
import { timestampMs } from '@bufbuild/protobuf/wkt'
import { RetryStrategy } from '@strait/contracts/catalog/v1/job_pb'
import { RunStatus } from '@strait/contracts/dispatcher/v1/run_pb'
import { createOpenApiChecker } from '@strait/testkit/openapi-checker'
import { createReceiver, type ReceivedRequest } from '@strait/testkit/receiver'
import { waitFor } from '@strait/testkit/wait-for'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { assertRunHistory } from '../invariants.ts'
import { type LiveCluster, shareLive } from '../live.ts'

let shared: Awaited<ReturnType<typeof shareLive>>
beforeAll(async () => {
  // Long enough that the answer to a change is never late, however busy the machine is: what is shown is what an answer in time means.
  shared = await shareLive({ notifier: true, env: { CATALOG_ANNOUNCE_WAIT_MS: '5000' } })
})
afterAll(() => shared[Symbol.asyncDispose]())

test('a disabled job refuses triggers and holds its runs, retries too; enabled again, they go on', async () => {
  await using live = await shared.live()
  const { cluster, endpoint } = live
  endpoint.respond(({ path }) => (path === '/retried' ? { status: 503 } : { body: {} }))
  const retryDelaysSecs = [1]
  await cluster.jobs.createJob({
    job: {
      name: 'Work',
      endpointUrl: `${endpoint.url}/retried`,
      maxAttempts: 100,
      retryStrategy: RetryStrategy.CUSTOM,
      retryDelaysSecs,
    },
  })
  const runs = await live.trigger('work', 6)
  await live.untilAll(runs, RunStatus.DELAYED)
  await cluster.jobs.disableJob({ job: 'work' })
  for (const dispatcher of cluster.dispatchers)
    await expect(cluster.runs(dispatcher).triggerJob({ job: 'work' })).rejects.toThrow(/disabled/)
  // Their delay is over, and they wait.
  await live.untilAll(runs, RunStatus.QUEUED)
  const before = live.calls(runs)
  await live.othersGoOn()
  expect(live.calls(runs)).toBe(before)

  endpoint.respond(() => ({ body: {} }))
  await cluster.jobs.enableJob({ job: 'work' })
  await live.untilAll(runs, RunStatus.COMPLETED)
  await live.untilAll(await live.trigger('work', 2), RunStatus.COMPLETED)
  await assertRunHistory(cluster.sql)
}, 60_000)

test('a key whose run exists is answered with it, though its job is disabled by now', async () => {
  await using live = await shared.live()
  const { cluster } = live
  const [one, two] = cluster.dispatchers.map((dispatcher) => cluster.runs(dispatcher))
  const first = await one?.triggerJob({ job: 'other', idempotencyKey: 'k' })
  await cluster.jobs.disableJob({ job: 'other' })
  const again = await two?.triggerJob({ job: 'other', idempotencyKey: 'k' })
  expect(again).toMatchObject({ deduplicated: true, run: { id: first?.run?.id } })
  await expect(one?.triggerJob({ job: 'other', idempotencyKey: 'new' })).rejects.toThrow(/disabled/)
}, 60_000)

test.each(['job', 'group', 'project'] as const)(
  'while a %s is paused, runs are created and wait; resumed, they go on',
  async (what) => {
    await using live = await shared.live()
    const { cluster, endpoint, groups, projects, projectId } = live
    const { jobGroup } = await groups.createJobGroup({ jobGroup: { name: 'Team' } })
    const groupId = jobGroup?.id
    await cluster.jobs.createJob({ job: { name: 'Work', endpointUrl: endpoint.url, groupId } })
    const ways = {
      job: [() => cluster.jobs.pauseJob({ job: 'work' }), () => cluster.jobs.resumeJob({ job: 'work' })],
      group: [() => groups.pauseJobGroup({ group: 'team' }), () => groups.resumeJobGroup({ group: 'team' })],
      project: [
        () => projects.pauseProject({ project: projectId }),
        () => projects.resumeProject({ project: projectId }),
      ],
    } as const
    const [pause, resume] = ways[what]
    await live.untilAll(await live.trigger('work', 4), RunStatus.COMPLETED)
    await pause()
    const runs = await live.trigger('work', 20)
    if (what !== 'project') await live.othersGoOn()
    await live.untilAll(runs, RunStatus.QUEUED)
    expect(live.calls(runs)).toBe(0)
    await resume()
    await live.untilAll(runs, RunStatus.COMPLETED)
    expect(live.calls(runs)).toBe(20)
    await assertRunHistory(cluster.sql)
  },
  60_000,
)

test('once a pause is answered, no further call of the job is begun, however many wait', async () => {
  await using live = await shared.live()
  const { cluster, endpoint } = live
  await cluster.jobs.createJob({ job: { name: 'Work', endpointUrl: endpoint.url } })
  const runs: string[] = []
  let go = true
  const pouring = (async () => {
    while (go) runs.push(...(await live.trigger('work', 20)))
  })()
  await waitFor(() => endpoint.requests.length > 40, { what: 'runs to be called' })
  await cluster.jobs.pauseJob({ job: 'work' })
  const answeredAt = Date.now()
  await waitFor(() => runs.length > live.calls(runs) + 100, { what: 'runs to pile up' })
  go = false
  await pouring
  await live.othersGoOn()
  // What was on its way to the endpoint when the answer came may be seen a moment after it.
  const late = endpoint.requests.filter(
    ({ headers, startedAt }) =>
      runs.includes(String(headers['x-strait-run-id'])) && startedAt.getTime() > answeredAt + 100,
  )
  expect(late).toEqual([])
  await cluster.jobs.resumeJob({ job: 'work' })
  await live.untilAll(runs, RunStatus.COMPLETED)
  await assertRunHistory(cluster.sql)
}, 60_000)

test('deleted with force, waiting runs are canceled, executing ones have their socket closed, and both are told', async () => {
  await using live = await shared.live()
  const { cluster, endpoint } = live
  await using hooks = await createReceiver()
  endpoint.respond(({ path }) => (path === '/hangs' ? 'hang' : { body: {} }))
  const { job } = await cluster.jobs.createJob({
    job: {
      name: 'Work',
      endpointUrl: `${endpoint.url}/hangs`,
      webhookUrl: hooks.url,
      webhookSecret: 'a secret',
    },
  })
  const executing = await live.trigger('work', 4)
  await live.untilAll(executing, RunStatus.EXECUTING)
  await waitFor(() => live.calls(executing) === 4, { what: 'the calls to be at the endpoint' })
  await cluster.jobs.pauseJob({ job: 'work' })
  const waiting = await live.trigger('work', 6)

  await expect(cluster.jobs.deleteJob({ job: 'work' })).rejects.toThrow(/unfinished runs/)
  expect(live.calls(executing)).toBe(4)
  expect(endpoint.requests.filter((request) => request.aborted)).toEqual([])

  await cluster.jobs.deleteJob({ job: 'work', force: true })
  await live.untilAll([...executing, ...waiting], RunStatus.CANCELED)
  const hung = endpoint.requests.filter(({ path }) => path === '/hangs')
  await waitFor(() => hung.every((request) => request.aborted), { what: 'every socket to be closed' })
  expect(live.calls(waiting)).toBe(0)
  await expect(cluster.runs().triggerJob({ job: 'work' })).rejects.toThrow(/no such job/)
  await expect(cluster.runs().triggerJob({ job: job?.id ?? '' })).rejects.toThrow(/no such job/)

  const { run } = await cluster.runs().getRun({ run: waiting[0] ?? '' })
  expect(run).toMatchObject({ attempt: 0, error: { class: 'canceled', message: 'the job was deleted' } })
  const steps: (RunStatus | undefined)[] = []
  for await (const { event } of cluster.runs().watchRun({ run: executing[0] ?? '' }))
    steps.push(event?.status)
  expect(steps).toEqual([RunStatus.QUEUED, RunStatus.EXECUTING, RunStatus.CANCELED])
  await waitFor(() => hooks.requests.length === 10, { what: 'a webhook for each of the ten' })
  for (const { body, headers } of hooks.requests) {
    expect(JSON.parse(body.toString())).toMatchObject({
      type: 'run.canceled',
      data: { status: 'canceled', error: { class: 'canceled' } },
    })
    expect(headers['x-strait-signature']).toMatch(/^v1=/)
  }
  await assertRunHistory(cluster.sql)
}, 60_000)

test('a change is there for the next trigger at another replica, also where it asks for the version that it knows of', async () => {
  await using live = await shared.live()
  const { cluster, endpoint } = live
  const clients = cluster.dispatchers.map((dispatcher) => cluster.runs(dispatcher))
  for (const client of clients) await client.triggerJob({ job: 'other' })
  for (let i = 0; i < 10; i++) {
    const patch = { endpointUrl: `${endpoint.url}/v${i}`, tags: { round: String(i) } }
    const { job } = await cluster.jobs.updateJob({
      job: 'other',
      patch,
      updateMask: { paths: ['endpoint_url', 'tags'] },
    })
    const minVersion = job?.version ?? 0
    const answer = await clients[i % 2]?.triggerJob({ job: 'other', minVersion, tags: { by: 'me' } })
    expect(answer?.run).toMatchObject({ triggeredVersion: minVersion, tags: { round: String(i), by: 'me' } })
    await endpoint.waitFor(({ path }) => path === `/v${i}`)
  }
  const tooNew = clients[0]?.triggerJob({ job: 'other', minVersion: 99 })
  await expect(tooNew).rejects.toThrow(/version 11, older than 99/)
}, 60_000)

test('a run that waited through changes is called and told as it was triggered, and shows its configuration after any of them', async () => {
  await using live = await shared.live()
  const { cluster, endpoint } = live
  await using hook = await createReceiver()
  const urls = (of: string) => ({ endpointUrl: `${endpoint.url}/${of}`, webhookUrl: `${hook.url}/${of}` })
  const { job: first } = await cluster.jobs.createJob({ job: { name: 'Work', ...urls('v1') } })
  await cluster.jobs.pauseJob({ job: 'work' })
  const runs: string[] = []
  let newest = first
  for (let version = 1; version <= 4; version++) {
    runs.push(...(await live.trigger('work')))
    const patch = { ...urls(`v${version + 1}`), maxAttempts: 10 + version, tags: { round: String(version) } }
    const paths = ['endpoint_url', 'webhook_url', 'max_attempts', 'tags']
    newest = (await cluster.jobs.updateJob({ job: 'work', patch, updateMask: { paths } })).job
  }
  await cluster.jobs.resumeJob({ job: 'work' })
  await live.untilAll(runs, RunStatus.COMPLETED)
  for (const [nth, id] of runs.entries()) {
    const version = nth + 1
    const isRun = ({ body, headers }: ReceivedRequest) =>
      headers['x-strait-run-id'] === id || body.includes(id)
    expect((await endpoint.waitFor(isRun)).path).toBe(`/v${version}`)
    expect((await hook.waitFor(isRun)).path).toBe(`/v${version}`)
    const { run } = await cluster.runs().getRun({ run: id })
    const tags = nth === 0 ? {} : { round: `${nth}` }
    expect(run).toMatchObject({ triggeredVersion: version, resolvedVersion: version, tags })
    expect(run?.createdBy).toBe(`apikey:${cluster.apiKey.split('_')[1]}`)
    const { job } = await cluster.jobs.getJobVersion({ job: 'work', version: run?.resolvedVersionId ?? '' })
    expect(job).toMatchObject({ version, ...urls(`v${version}`), tags })
  }
  expect(timestampMs(newest!.updatedAt!)).toBeGreaterThan(timestampMs(first!.updatedAt!))
  // Runs are no change of their job.
  expect((await cluster.jobs.getJob({ job: 'work' })).job).toEqual({ ...newest, pausedAt: undefined })
}, 60_000)

/** What these secrets make of a delivery, newest first, computed from the docs alone. */
function signatures({ headers, body }: ReceivedRequest, secrets: readonly string[]) {
  const mac = (secret: string, stamp: unknown, encoding: 'hex' | 'base64') =>
    createHmac('sha256', secret).update(`${stamp}.`).update(body).digest(encoding)
  const stamp = headers['x-strait-timestamp']
  const standard = `${headers['webhook-id']}.${headers['webhook-timestamp']}`
  return {
    'x-strait-signature': secrets.map((secret) => `v1=${mac(secret, stamp, 'hex')}`).join(','),
    'webhook-signature': secrets.map((secret) => `v1,${mac(secret, standard, 'base64')}`).join(' '),
  }
}

test('a secret that is replaced signs the very next webhook, with the one before beside it for as long as was said', async () => {
  await using live = await shared.live()
  const { cluster, endpoint } = live
  await using hook = await createReceiver()
  const job = { name: 'Told', endpointUrl: endpoint.url, webhookUrl: hook.url, webhookSecret: 'one' }
  await cluster.jobs.createJob({ job })
  const replace = (webhookSecret: string | undefined, webhookSecretGraceSecs?: number) =>
    cluster.jobs.updateJob({
      job: 'told',
      patch: { webhookSecret },
      updateMask: { paths: ['webhook_secret'] },
      webhookSecretGraceSecs,
    })
  const nextWebhook = async () => {
    const [run = ''] = await live.trigger('told')
    return hook.waitFor(({ body }) => body.includes(run))
  }
  let told = await nextWebhook()
  expect(told.headers).toMatchObject(signatures(told, ['one']))
  await replace('two')
  told = await nextWebhook()
  expect(told.headers).toMatchObject(signatures(told, ['two', 'one']))
  await replace('three', 0)
  told = await nextWebhook()
  expect(told.headers).toMatchObject(signatures(told, ['three']))
  await replace(undefined)
  told = await nextWebhook()
  expect(Object.keys(told.headers).filter((name) => name.endsWith('signature'))).toEqual([])
}, 60_000)

/** Triggers over REST; the answer is as it was published. */
async function triggerOverRest({ cluster }: LiveCluster, job: string, body: object) {
  const path = `/v1/jobs/${job}/trigger`
  const response = await fetch(`${cluster.dispatchers[1]?.url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${cluster.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const { status, headers } = response
  const answer = { status, body: (await response.json()) as unknown }
  const contentType = headers.get('content-type')
  expect(createOpenApiChecker()({ method: 'POST', path, contentType, headers, ...answer })).toEqual([])
  return answer
}

test('REST takes tags and a version, and says why a job is not run', async () => {
  await using live = await shared.live()
  const { jobs } = live.cluster
  const created = await triggerOverRest(live, 'other', { tags: { team: 'a' }, min_version: 1 })
  expect(created).toMatchObject({ status: 201, body: { tags: { team: 'a' }, status: 'queued' } })
  const tooMany = Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`k${i}`, '']))
  expect(await triggerOverRest(live, 'other', { tags: tooMany, min_version: -1 })).toMatchObject({
    status: 400,
    body: { reason: 'FIELD_INVALID', violations: [{ field: 'min_version' }, { field: 'tags' }] },
  })
  expect(await triggerOverRest(live, 'other', { min_version: 7 })).toMatchObject({
    status: 409,
    body: { reason: 'VERSION_NOT_REACHED', metadata: { version: '1' } },
  })
  const patch = { dedupWindowSecs: 5, runTtlSecs: 60 }
  const updateMask = { paths: ['dedup_window_secs', 'run_ttl_secs'] }
  await jobs.updateJob({ job: 'other', patch, updateMask })
  expect(await triggerOverRest(live, 'other', {})).toMatchObject({
    status: 501,
    body: {
      reason: 'NOT_YET_SUPPORTED',
      violations: [{ field: 'job.dedup_window_secs' }, { field: 'job.run_ttl_secs' }],
    },
  })
  await jobs.disableJob({ job: 'other' })
  expect(await triggerOverRest(live, 'other', {})).toMatchObject({
    status: 409,
    body: { reason: 'JOB_DISABLED' },
  })
}, 60_000)
