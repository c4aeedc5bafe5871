// What is held is asked for twice: where a run is taken out of the lane, and again where its request is about to be written. And what is
// held in Postgres is not brought into memory, page after page, to be held there.

import { metrics } from '@opentelemetry/api'
import { developmentAllow } from '@strait/egress/address'
import { createEgress } from '@strait/egress/client'
import { createLog } from '@strait/service-kit/log'
import { createReceiver } from '@strait/testkit/receiver'
import { waitFor } from '@strait/testkit/wait-for'
import type { Pool, QueryConfig } from 'pg'
import { expect, test } from 'vitest'
import { createAdmission } from '../src/domain/admission.ts'
import { createDatabaseClock } from '../src/domain/database-clock.ts'
import type { Entry } from '../src/domain/entry.ts'
import { createEvents } from '../src/events.ts'
import { createExecutor } from '../src/loops/executor.ts'
import { createFinisher } from '../src/loops/finisher.ts'
import { createIncarnation } from '../src/loops/incarnation.ts'
import { createSweep } from '../src/loops/sweep.ts'
import { findRun } from '../src/store/find-run.ts'
import { insertRuns } from '../src/store/insert-runs.ts'
import { aJobConfig, aNewRun, jobId, type StoreBundle, setup, shard } from './store-bundle.ts'

const ignore = () => undefined

/** A dispatcher that owns the job's shard, with one job that may be held. */
async function owner(bundle: StoreBundle, endpointUrl: string) {
  const log = createLog('test', 'silent')
  const events = createEvents(metrics.getMeter('test'), log)
  const clock = createDatabaseClock(Date.now)
  const me = createIncarnation(await bundle.living(), 60_000, performance.now())
  me.shards.add(shard)
  const held = new Set<string>()
  const config = aJobConfig({ endpointUrl })
  const jobs = {
    resolve: async () => undefined,
    version: async () => config,
    knownVersion: () => config,
    isHeld: (id: string) => held.has(id),
    isCanceled: () => false,
  }
  const admission = createAdmission(500, jobs.isHeld)
  const offer = (entries: readonly Entry[]) => {
    for (const entry of entries) admission.offer(entry)
    executor.pump()
  }
  const executor = createExecutor({
    db: bundle.hot,
    admission,
    jobs,
    egress: createEgress({ allow: developmentAllow(), userAgent: 'test', connectionsPerOrigin: 10 }),
    finisher: createFinisher({ db: bundle.hot, events, publishNews: ignore, onChanged: ignore, offer }),
    clock,
    events,
    maxInFlight: 10,
    drainMs: 1_000,
    retryJitter: 0,
    incarnation: () => me,
    onStarted: ignore,
    onRunningLow: ignore,
  })
  const sweepOver = (db: Pool) =>
    createSweep({ db, intervalMs: 60_000, admission, executor, incarnation: () => me, pageSize: 100, log })
  return { held, admission, executor, offer, sweepOver }
}

test('a run that was taken before its job was held is given back where it would be sent, and costs no attempt', async () => {
  await using bundle = await setup()
  await using endpoint = await createReceiver()
  const { held, admission, executor, offer, sweepOver } = await owner(bundle, endpoint.url)
  const [run] = await bundle.waiting(1)
  const { id: runId, projectId } = run ?? aNewRun()
  const entry = { runId, projectId, jobId, shard, version: 1, dueAtMs: 0, fence: 0, attempt: 0 }
  offer([entry])
  // Taken in that same turn, and not even recorded yet.
  expect(admission.size).toBe(0)
  held.add(jobId)
  await waitFor(() => admission.heldJobs().includes(jobId), { what: 'the run to be given back and held' })
  expect(endpoint.requests).toEqual([])
  const waits = await findRun(bundle.db, projectId, runId)
  expect(waits).toMatchObject({ run: { status: 'queued', attempt: 0 }, attempts: [{ outcome: 'unsent' }] })
  held.clear()
  const sweep = sweepOver(bundle.db)
  await sweep.start()
  await waitFor(async () => (await bundle.count('outcomes', "status = 'completed' and attempt = 1")) === 1, {
    what: 'the run to be called, as its first attempt',
  })
  expect(endpoint.requests).toHaveLength(1)
  await sweep.stop()
  await executor.stop()
})

test('runs of a held job are left in Postgres while pages of the backlog are read', async () => {
  await using bundle = await setup()
  await using endpoint = await createReceiver()
  const { held, admission, executor, offer, sweepOver } = await owner(bundle, endpoint.url)
  const heldJob = '01890000-0000-7000-8000-00000000000b'
  held.add(heldJob)
  const heldRuns = Array.from({ length: 1_000 }, () => aNewRun({ jobId: heldJob }))
  await insertRuns(bundle.db, heldRuns, undefined)
  await bundle.waiting(1)
  let brought = 0
  const query = async (statement: QueryConfig) => {
    const answer = await bundle.db.query(statement)
    if (statement.name === 'load_backlog') brought += answer.rows.length
    return answer
  }
  const db = Object.create(bundle.db, { query: { value: query } }) as Pool
  // One run of it was met, so that it is known to be held.
  const [{ id: runId, projectId }] = heldRuns as [(typeof heldRuns)[number]]
  offer([{ runId, projectId, jobId: heldJob, shard, version: 1, dueAtMs: 0, fence: 0, attempt: 0 }])
  admission.expectBacklog()
  const sweep = sweepOver(db)
  await sweep.start()
  await waitFor(() => endpoint.requests.length === 1, { what: "the other job's run to be called" })
  await sweep.stop()
  await executor.stop()
  // Of each page the last, which says where to go on, and the run that is not held.
  expect(brought).toBeLessThanOrEqual(12)
})
