import { RetryStrategy } from '@strait/contracts/catalog/v1/job_pb'
import { AttemptOutcome, RunStatus } from '@strait/contracts/dispatcher/v1/run_pb'
import { createReceiver } from '@strait/testkit/receiver'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Cluster, startCluster } from '../cluster.ts'
import { assertRunHistory } from '../invariants.ts'

let cluster: Cluster
beforeAll(async () => {
  cluster = await startCluster({ scheduler: false })
})
afterAll(async () => {
  await assertRunHistory(cluster.sql)
  await cluster[Symbol.asyncDispose]()
})

/** Triggers a job and waits for the end of the run. */
async function runToItsEnd(job: string) {
  const { run } = await cluster.runs().triggerJob({ job })
  for await (const { run: ended } of cluster.runs().watchRun({ run: run?.id ?? '' })) if (ended) return ended
  throw new Error('the stream ended before the run')
}

test('a run whose endpoint always fails is tried max_attempts times, by its custom delays, and has failed then', async () => {
  await using endpoint = await createReceiver(() => ({ status: 500, body: 'no' }))
  await cluster.jobs.createJob({
    job: {
      name: 'Fails',
      endpointUrl: endpoint.url,
      maxAttempts: 3,
      retryStrategy: RetryStrategy.CUSTOM,
      retryDelaysSecs: [1, 2],
    },
  })
  const run = await runToItsEnd('fails')
  expect(run).toMatchObject({
    status: RunStatus.FAILED,
    attempt: 3,
    error: { class: 'http_status', httpStatus: 500 },
  })
  expect(endpoint.requests.map((request) => request.headers['x-strait-attempt'])).toEqual(['1', '2', '3'])
  const starts = endpoint.requests.map((request) => request.startedAt.getTime())
  const gaps = starts.slice(1).map((at, i) => at - (starts[i] ?? 0))
  expect(gaps[0]).toBeGreaterThanOrEqual(990)
  expect(gaps[1]).toBeGreaterThanOrEqual(1_990)
  const { attempts } = await cluster.runs().listAttempts({ run: run.id })
  expect(attempts.map((attempt) => AttemptOutcome[attempt.outcome])).toEqual([
    'RETRYABLE',
    'RETRYABLE',
    'RETRYABLE',
  ])
  const fences = attempts.map((attempt) => attempt.fence)
  expect(fences).toEqual([...fences].sort((a, b) => Number(a - b)))
})

test('an answer that no retry can mend fails the run at once', async () => {
  await using endpoint = await createReceiver(() => ({ status: 404 }))
  await cluster.jobs.createJob({ job: { name: 'Gone', endpointUrl: endpoint.url } })
  expect(await runToItsEnd('gone')).toMatchObject({
    status: RunStatus.FAILED,
    attempt: 1,
    error: { httpStatus: 404 },
  })
  expect(endpoint.requests.length).toBe(1)
})

test('an endpoint that never answers is cut off at timeout_secs, and the run has timed out', async () => {
  await using endpoint = await createReceiver(() => 'hang')
  await cluster.jobs.createJob({
    job: { name: 'Hangs', endpointUrl: endpoint.url, timeoutSecs: 1, maxAttempts: 1 },
  })
  const run = await runToItsEnd('hangs')
  expect(run).toMatchObject({ status: RunStatus.TIMED_OUT, attempt: 1, error: { class: 'timeout' } })
  const [call] = endpoint.requests
  expect(call?.aborted).toBe(true)
  expect((call?.endedAt?.getTime() ?? 0) - (call?.startedAt.getTime() ?? 0)).toBeLessThan(2_000)
})

test('a webhook tells of a failure too, and one that fails is delivered again under the same id', async () => {
  await using endpoint = await createReceiver(() => ({ status: 400 }))
  let calls = 0
  await using hook = await createReceiver(() => ({ status: ++calls === 1 ? 500 : 200 }))
  await cluster.jobs.createJob({ job: { name: 'Told', endpointUrl: endpoint.url, webhookUrl: hook.url } })
  const run = await runToItsEnd('told')
  const second = await hook.waitFor((request) => request.headers['x-strait-attempt'] === '2')
  const [first] = hook.requests
  expect(JSON.parse(second.body.toString())).toMatchObject({
    type: 'run.failed',
    data: { run_id: run.id, error: { http_status: 400 } },
  })
  expect(second.headers['x-strait-delivery-id']).toBe(first?.headers['x-strait-delivery-id'])
  expect(second.body).toEqual(first?.body)
  expect(second.headers['x-strait-signature']).toBeUndefined()
})
