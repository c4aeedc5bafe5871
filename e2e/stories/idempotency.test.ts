import { createReceiver } from '@strait/testkit/receiver'
import { expect, test } from 'vitest'
import { startCluster } from '../cluster.ts'
import { assertRunHistory } from '../invariants.ts'

test('fifty parallel triggers with one key, at two dispatchers, make one run', async () => {
  await using cluster = await startCluster({ dispatchers: 2, scheduler: false, notifier: false })
  await using endpoint = await createReceiver()
  await cluster.jobs.createJob({ job: { name: 'Once', endpointUrl: endpoint.url } })
  const clients = cluster.dispatchers.map((dispatcher) => cluster.runs(dispatcher))
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, i) =>
      clients[i % 2]?.triggerJob({ job: 'once', payload: '{"a":1}', idempotencyKey: 'k' }),
    ),
  )
  expect(new Set(answers.map((answer) => answer?.run?.id)).size).toBe(1)
  expect(answers.filter((answer) => answer?.deduplicated === false).length).toBe(1)
  await endpoint.waitFor(() => true)

  const same = await clients[0]?.triggerJob({ job: 'once', payload: ' { "a" : 1.0 } ', idempotencyKey: 'k' })
  expect(same).toMatchObject({ deduplicated: true, payloadMismatch: false })
  const other = await clients[1]?.triggerJob({ job: 'once', payload: '{"a":2}', idempotencyKey: 'k' })
  expect(other).toMatchObject({ deduplicated: true, payloadMismatch: true })
  expect((await cluster.sql.query('select from dispatcher.runs')).rowCount).toBe(1)
  await assertRunHistory(cluster.sql)
})
