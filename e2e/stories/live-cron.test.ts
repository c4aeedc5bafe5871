// What becomes of the fires of a job that is disabled, paused, deleted, or set to what does not act yet. The next time of its schedule is moved
// to now in the scheduler's table, so that nobody waits for a full minute.

import { OverlapPolicy } from '@strait/contracts/catalog/v1/job_pb'
import { waitFor } from '@strait/testkit/wait-for'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Cluster } from '../cluster.ts'
import { type LiveCluster, shareLive } from '../live.ts'

let shared: Awaited<ReturnType<typeof shareLive>>
beforeAll(async () => {
  shared = await shareLive({ scheduler: true })
})
afterAll(() => shared[Symbol.asyncDispose]())

interface Occurrence {
  readonly outcome: string
  readonly reason: string | null
  readonly run_id: string | null
}

/** The schedule's next time is now; answers the row that the ledger gets for it once it is closed. */
async function fireNow(cluster: Cluster, jobId: string): Promise<Occurrence> {
  const { rows: before } = await cluster.sql.query<{ nominal_at: Date }>(
    `update scheduler.schedules set next_fire_at = date_trunc('milliseconds', clock_timestamp())
     where id = $1 returning next_fire_at as nominal_at`,
    [jobId],
  )
  const ledger = async () =>
    (
      await cluster.sql.query<Occurrence>(
        `select outcome, reason, run_id from scheduler.occurrences
         where schedule_id = $1 and $2 between nominal_at and through_at and outcome <> 'pending'`,
        [jobId, before[0]?.nominal_at],
      )
    ).rows[0]
  await waitFor(async () => (await ledger()) !== undefined, {
    what: 'the fire to be closed',
    timeoutMs: 20_000,
  })
  return (await ledger()) as Occurrence
}

async function scheduleIs(cluster: Cluster, jobId: string, where: string): Promise<void> {
  const query = `select from scheduler.schedules where id = $1 and ${where}`
  await waitFor(async () => (await cluster.sql.query(query, [jobId])).rowCount === 1, {
    what: `the schedule to be ${where}`,
  })
}

/** Makes a job with a cron; answers its id once the scheduler has it. */
async function scheduledWork(
  { cluster, endpoint }: LiveCluster,
  over: { readonly overlap?: OverlapPolicy } = {},
): Promise<string> {
  const yearly = { cron: '0 0 1 1 *', endpointUrl: endpoint.url }
  const { job } = await cluster.jobs.createJob({ job: { name: 'Work', ...yearly, ...over } })
  const jobId = job?.id ?? ''
  await scheduleIs(cluster, jobId, 'enabled')
  return jobId
}

test('fires of a disabled job are skipped in the ledger, and enabled again it fires from then on', async () => {
  await using live = await shared.live()
  const { cluster, endpoint } = live
  const jobId = await scheduledWork(live)
  expect(await fireNow(cluster, jobId)).toMatchObject({ outcome: 'fired' })
  await cluster.jobs.disableJob({ job: 'work' })
  await scheduleIs(cluster, jobId, 'not enabled')
  expect(await fireNow(cluster, jobId)).toEqual({ outcome: 'skipped', reason: 'disabled', run_id: null })
  await cluster.jobs.enableJob({ job: 'work' })
  await scheduleIs(cluster, jobId, 'enabled')
  expect(await fireNow(cluster, jobId)).toMatchObject({ outcome: 'fired' })
  await waitFor(() => endpoint.requests.length === 2, { what: 'two calls' })
}, 60_000)

test('fires of a paused job become runs that wait, those of a deleted one end with its schedule', async () => {
  await using live = await shared.live()
  const { cluster } = live
  const jobId = await scheduledWork(live)
  await cluster.jobs.pauseJob({ job: 'work' })
  const fired = await fireNow(cluster, jobId)
  expect(fired).toMatchObject({ outcome: 'fired' })
  await live.othersGoOn()
  expect(live.calls([fired.run_id ?? ''])).toBe(0)
  await cluster.jobs.deleteJob({ job: 'work', force: true })
  await waitFor(
    async () =>
      (await cluster.sql.query('select from scheduler.schedules where id = $1', [jobId])).rowCount === 0,
    { what: 'the schedule to end' },
  )
  const canceled = "select from dispatcher.outcomes where run_id = $1 and status = 'canceled'"
  await waitFor(async () => (await cluster.sql.query(canceled, [fired.run_id])).rowCount === 1, {
    what: 'the waiting run to end canceled',
  })
}, 60_000)

test('fires of a job with a policy that does not act yet are refused, and its triggers are not', async () => {
  await using live = await shared.live()
  const { cluster, endpoint } = live
  const jobId = await scheduledWork(live, { overlap: OverlapPolicy.SKIP })
  expect(await fireNow(cluster, jobId)).toMatchObject({ outcome: 'refused', reason: 'NOT_YET_SUPPORTED' })
  const [run = ''] = await live.trigger('work')
  await endpoint.waitFor((request) => request.headers['x-strait-run-id'] === run)
}, 60_000)
