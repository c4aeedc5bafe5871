// What is held stays held when a dispatcher dies or knows nothing yet, and goes on, each run once, as soon as it may.

import { RunStatus } from '@strait/contracts/dispatcher/v1/run_pb'
import { shardOf } from '@strait/domain/shard'
import { createTcpProxy } from '@strait/testkit/tcp-proxy'
import { waitFor } from '@strait/testkit/wait-for'
import { expect, test } from 'vitest'
import type { Cluster, Node } from '../cluster.ts'
import { assertRunHistory } from '../invariants.ts'
import { startLive } from '../live.ts'

async function kill(...dispatchers: readonly Node[]): Promise<void> {
  for (const dispatcher of dispatchers) dispatcher.kill('SIGKILL')
  await Promise.all(dispatchers.map((dispatcher) => dispatcher.exited))
}

const count = async (cluster: Cluster, what: string) =>
  Number((await cluster.sql.query<{ n: string }>(`select count(*) as n from dispatcher.${what}`)).rows[0]?.n)

/** First whoever said that it is this owner. */
const rank = (dispatcher: Node, owner = 'nobody') => (dispatcher.output().includes(owner) ? 0 : 1)

test('a dispatcher that starts with the catalog down holds what waits, says so, and goes on by itself when it is back', async () => {
  await using live = await startLive()
  const { cluster, endpoint } = live
  await cluster.jobs.createJob({ job: { name: 'Work', endpointUrl: endpoint.url } })
  await cluster.jobs.pauseJob({ job: 'work' })
  const runs = await live.trigger('work', 10)
  await kill(...cluster.dispatchers)
  await cluster.jobs.resumeJob({ job: 'work' })

  await using toCatalog = await createTcpProxy({ port: Number(new URL(cluster.catalog.url).port) })
  toCatalog.refuse()
  const fresh = await cluster.addDispatcher({ STRAIT_CATALOG_URL: `http://127.0.0.1:${toCatalog.port}` })
  await waitFor(
    async () =>
      (await count(
        cluster,
        'shards s join dispatcher.dispatchers d on s.owner = d.exec_id where d.lease_until > clock_timestamp()',
      )) > 0,
    {
      what: 'the shards to be taken over',
    },
  )
  await waitFor(() => /follow the catalog.*loop failed/.test(fresh.output()), { what: 'it to be said' })
  expect(live.calls(runs)).toBe(0)
  toCatalog.heal()
  await waitFor(async () => (await count(cluster, "outcomes where status = 'completed'")) === 10, {
    what: 'the runs to go on',
  })
  expect(live.calls(runs)).toBe(10)
  await assertRunHistory(cluster.sql)
}, 60_000)

test('a job is paused and its dispatcher killed: who takes over starts none of its runs, and resumed they run once', async () => {
  await using live = await startLive()
  const { cluster, endpoint } = live
  const { job } = await cluster.jobs.createJob({ job: { name: 'Work', endpointUrl: endpoint.url } })
  await live.untilAll(await live.trigger('work', 2), RunStatus.COMPLETED)
  const before = await live.trigger('work', 20)
  await cluster.jobs.pauseJob({ job: 'work' })
  const held = [...before, ...(await live.trigger('work', 20))]
  const ownerOf = `select owner::text from dispatcher.shards where shard = ${shardOf(job?.id ?? '')}`
  const [first] = (await cluster.sql.query<{ owner: string }>(ownerOf)).rows
  const [one, other] = cluster.dispatchers.toSorted(
    (a, b) => rank(a, first?.owner) - rank(b, first?.owner),
  ) as [Node, Node]
  await kill(one)
  const runs = cluster.runs(other)
  await waitFor(
    async () => {
      const [now] = (await cluster.sql.query<{ owner: string | null }>(ownerOf)).rows
      return now?.owner && other.output().includes(now.owner)
    },
    { what: 'the other one to have the shard' },
  )
  for (let i = 0; i < 3; i++) {
    const { run } = await runs.triggerJob({ job: 'other' })
    await waitFor(
      async () => (await runs.getRun({ run: run?.id ?? '' })).run?.status === RunStatus.COMPLETED,
      {
        what: 'a run of another job to complete',
      },
    )
  }
  const started = live.calls(held)
  expect(started).toBeLessThanOrEqual(20)
  expect(await count(cluster, `queue where job_id = '${job?.id}' and status = 'executing'`)).toBe(0)
  await cluster.jobs.resumeJob({ job: 'work' })
  await waitFor(async () => (await count(cluster, 'queue')) === 0, { what: 'every held run to end' })
  expect(await count(cluster, "outcomes where status <> 'completed'")).toBe(0)
  await assertRunHistory(cluster.sql)
}, 60_000)
