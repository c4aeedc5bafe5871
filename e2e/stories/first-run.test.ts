import { createHmac } from 'node:crypto'
import { RunStatus, TriggeredBy } from '@strait/contracts/dispatcher/v1/run_pb'
import { createReceiver, type ReceivedRequest } from '@strait/testkit/receiver'
import { waitFor } from '@strait/testkit/wait-for'
import { Webhook } from 'standardwebhooks'
import { expect, test } from 'vitest'
import { startCluster } from '../cluster.ts'
import { assertRunHistory } from '../invariants.ts'

const secret = `whsec_${Buffer.from('a secret of thirty-two bytes ....').toString('base64')}`
const of = (run: string) => (request: ReceivedRequest) => request.headers['x-strait-run-id'] === run

test('a run goes the whole way across four processes: stored, called, retried, completed, told and verified', async () => {
  await using cluster = await startCluster()
  await using endpoint = await createReceiver(({ headers }) =>
    headers['x-strait-attempt'] === '1' ? { status: 503 } : { body: { done: true } },
  )
  await using hook = await createReceiver(() => ({ status: 204 }))
  const { job } = await cluster.jobs.createJob({
    job: {
      name: 'First',
      endpointUrl: `${endpoint.url}/work?x=1`,
      webhookUrl: `${hook.url}/hook`,
      webhookSecret: secret,
      defaultRunMetadata: { team: 'a', tier: 'job' },
    },
  })
  const payload = '{"b": 9007199254740993,  "a":"\\u00e9\\n"}'
  const trace = '0af7651916cd43dd8448eb211c80319c'
  const { run } = await cluster
    .runs()
    .triggerJob(
      { job: 'first', payload, metadata: { tier: 'run' } },
      { headers: { traceparent: `00-${trace}-b7ad6b7169203331-01` } },
    )
  const id = run?.id ?? ''

  const seen: string[] = []
  let last = run
  for await (const { event, run: now } of cluster.runs().watchRun({ run: id })) {
    seen.push(RunStatus[event?.status ?? 0] ?? '')
    last = now
  }
  expect(seen).toEqual(['QUEUED', 'EXECUTING', 'DELAYED', 'EXECUTING', 'COMPLETED'])
  expect(last).toMatchObject({
    status: RunStatus.COMPLETED,
    attempt: 2,
    result: '{"done":true}',
    payload,
    traceId: trace,
  })
  expect(last?.metadata).toEqual({ team: 'a', tier: 'run' })
  expect(last).toMatchObject({
    resolvedVersion: 1,
    resolvedVersionId: job?.versionId,
    triggeredBy: TriggeredBy.MANUAL,
  })

  // A stream that broke is taken up again at the last step that came, at any replica and at any time.
  const rest: number[] = []
  for await (const { event } of cluster.runs().watchRun({ run: id, afterSeq: 2 })) rest.push(event?.seq ?? 0)
  expect(rest).toEqual([3, 4, 5])
  const backwards = cluster.runs().watchRun({ run: id, afterSeq: -1 })[Symbol.asyncIterator]().next()
  await expect(backwards).rejects.toThrow(/after_seq/)

  const calls = endpoint.requests.filter(of(id))
  expect(calls.map((call) => call.body.toString())).toEqual([payload, payload])
  expect(calls.map((call) => call.path)).toEqual(['/work?x=1', '/work?x=1'])
  const headers = calls.map((call) => call.headers)
  expect(headers.map((each) => each['x-strait-attempt'])).toEqual(['1', '2'])
  expect(Number(headers[1]?.['x-strait-fence'])).toBeGreaterThan(Number(headers[0]?.['x-strait-fence']))
  expect(headers[1]).toMatchObject({
    'content-type': 'application/json',
    'idempotency-key': id,
    'x-strait-job-id': job?.id,
    'x-strait-job-slug': 'first',
  })
  expect(headers[0]?.traceparent).toContain(trace)
  const deadline = Number(headers[1]?.['x-strait-deadline'])
  expect(Math.abs(deadline - (calls[1]?.startedAt.getTime() ?? 0) - 300_000)).toBeLessThan(5_000)

  const delivery = await hook.waitFor((request) => request.body.includes(id))
  const raw = delivery.body.toString()
  expect(() => new Webhook(secret).verify(raw, delivery.headers as Record<string, string>)).not.toThrow()
  const stamp = delivery.headers['x-strait-timestamp'] as string
  const key = Buffer.from(secret.slice(6), 'base64')
  const mac = createHmac('sha256', key).update(`${stamp}.`).update(delivery.body).digest('hex')
  expect(delivery.headers['x-strait-signature']).toBe(`v1=${mac}`)
  expect(delivery.headers['x-webhook-signature']).toBe(`v1=${mac}`)
  expect(JSON.parse(raw)).toMatchObject({
    type: 'run.completed',
    data: {
      run_id: id,
      job_id: job?.id,
      job_slug: 'first',
      status: 'completed',
      attempt: 2,
      result: { done: true },
      job_version_id: job?.versionId,
      metadata: { team: 'a', tier: 'run' },
    },
  })
  await assertRunHistory(cluster.sql)
})

test('a job with a cron fires at the full minute, once, through the ledger', async () => {
  await using cluster = await startCluster()
  await using endpoint = await createReceiver()
  const created = new Date()
  const { job } = await cluster.jobs.createJob({
    job: { name: 'Tick', cron: '* * * * *', cronPayload: '{"tick": 1.0}', endpointUrl: endpoint.url },
  })
  const call = await endpoint.waitFor((request) => request.headers['x-strait-job-id'] === job?.id, 75_000)
  expect(call.body.toString()).toBe('{"tick": 1.0}')
  const nextMinute = Math.floor(created.getTime() / 60_000) * 60_000 + 60_000
  const run = await waitFor(
    async () => {
      const answer = await cluster.runs().getRun({ run: call.headers['x-strait-run-id'] as string })
      return answer.run?.status === RunStatus.COMPLETED ? answer.run : undefined
    },
    { what: 'the run to be completed' },
  )
  expect(run).toMatchObject({ triggeredBy: TriggeredBy.CRON, createdBy: 'system:scheduler' })
  expect(run.occurrence?.scheduleId).toBe(job?.id)
  expect(Number(run.occurrence?.nominalAt?.seconds) * 1_000).toBe(nextMinute)
  const closed = await waitFor(
    async () =>
      (
        await cluster.sql.query(
          "select outcome, run_id from scheduler.occurrences where outcome <> 'pending'",
        )
      ).rows,
    { what: 'the occurrence to be closed' },
  )
  expect(closed).toEqual([{ outcome: 'fired', run_id: run.id }])
  await assertRunHistory(cluster.sql)
}, 120_000)
