// What is held stays held and hides nobody, however much of it there is and whoever dies; and what is deleted ends, whoever was there to hear it.

import { RunStatus } from '@strait/contracts/dispatcher/v1/run_pb'
import { waitFor } from '@strait/testkit/wait-for'
import { expect, test } from 'vitest'
import type { Cluster, Node } from '../cluster.ts'
import { assertRunHistory } from '../invariants.ts'
import { type LiveCluster, startLive } from '../live.ts'

/** Copies a run that waits so many times, each copy due before everything that is created from now on. */
async function multiply(cluster: Cluster, runId: string, times: number): Promise<void> {
  await cluster.sql.query(
    `with copies as (
      insert into dispatcher.runs
      select (jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid()))).*
      from dispatcher.runs r, generate_series(1, $2) where id = $1
      returning *
    )
    insert into dispatcher.queue (run_id, project_id, job_id, shard, version, due_at)
    select id, project_id, job_id, shard, triggered_version, scheduled_at from copies`,
    [runId, times],
  )
}

const count = async (cluster: Cluster, what: string) =>
  Number((await cluster.sql.query<{ n: string }>(`select count(*) as n from dispatcher.${what}`)).rows[0]?.n)

/** Makes a job that is paused, with so many runs that wait for it. */
async function waitingWork({ cluster, endpoint, trigger }: LiveCluster, runs: number): Promise<string[]> {
  await cluster.jobs.createJob({ job: { name: 'Work', endpointUrl: endpoint.url } })
  await cluster.jobs.pauseJob({ job: 'work' })
  return trigger('work', runs)
}

async function killAll(cluster: Cluster): Promise<void> {
  for (const dispatcher of cluster.dispatchers) dispatcher.kill('SIGKILL')
  await Promise.all(cluster.dispatchers.map((dispatcher) => dispatcher.exited))
}

/** A run of a job, triggered at a dispatcher, comes to its end. */
async function completes(cluster: Cluster, dispatcher: Node, job: string): Promise<void> {
  const runs = cluster.runs(dispatcher)
  const { run } = await runs.triggerJob({ job })
  await waitFor(async () => (await runs.getRun({ run: run?.id ?? '' })).run?.status === RunStatus.COMPLETED, {
    what: `a run of ${job} to complete`,
    timeoutMs: 20_000,
  })
}

test('five thousand waiting runs of a paused job, ten times what fits into memory, do not hold up another job', async () => {
  await using live = await startLive()
  const { cluster } = live
  const [seed = ''] = await waitingWork(live, 1)
  await multiply(cluster, seed, 5_000)
  await killAll(cluster)
  // Their whole backlog lies before what comes now, in whichever shard it is.
  const fresh = await cluster.addDispatcher({ DISPATCHER_MAX_HELD_RUNS: '500' })
  for (let i = 0; i < 5; i++) await completes(cluster, fresh, 'other')
  expect(await count(cluster, 'queue')).toBe(5_001)
  expect(
    await count(cluster, "outcomes o join dispatcher.runs r on r.id = o.run_id where job_slug = 'work'"),
  ).toBe(0)
  await cluster.jobs.resumeJob({ job: 'work' })
  // Several times what memory holds: page by page.
  await waitFor(async () => (await count(cluster, 'outcomes')) > 1_500, {
    what: 'the backlog to go on',
    timeoutMs: 60_000,
  })
  await cluster.jobs.deleteJob({ job: 'work', force: true })
  await waitFor(async () => (await count(cluster, 'queue')) === 0, {
    what: 'the rest to end with its job',
    timeoutMs: 60_000,
  })
  await assertRunHistory(cluster.sql)
}, 180_000)

test('a dispatcher that is started while a job is paused goes on holding it', async () => {
  await using live = await startLive()
  const { cluster } = live
  const runs = await waitingWork(live, 10)
  await killAll(cluster)
  const fresh = await cluster.addDispatcher()
  for (let i = 0; i < 3; i++) await completes(cluster, fresh, 'other')
  expect(live.calls(runs)).toBe(0)
  await cluster.jobs.resumeJob({ job: 'work' })
  await waitFor(() => live.calls(runs) === 10, { what: 'the held runs to be called' })
}, 120_000)

test('runs of a job that is deleted with force while no dispatcher lives end canceled, and never start', async () => {
  await using live = await startLive()
  const { cluster } = live
  const runs = await waitingWork(live, 10)
  await killAll(cluster)
  await cluster.jobs.deleteJob({ job: 'work', force: true })
  const fresh = await cluster.addDispatcher()
  await waitFor(async () => (await count(cluster, "outcomes where status = 'canceled'")) === 10, {
    what: 'every run to end',
    timeoutMs: 20_000,
  })
  await completes(cluster, fresh, 'other')
  expect(live.calls(runs)).toBe(0)
  await assertRunHistory(cluster.sql)
}, 120_000)
