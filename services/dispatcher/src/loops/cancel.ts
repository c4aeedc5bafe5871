// Ends the runs that wait of a job that was deleted with its unfinished runs. By the owner of the job's shard, guarded by its generation and by
// each run's fence: a run that was started or ended by then is left alone. Those that execute are cut off by whoever made the call (see calls.ts).
//
//   the head says so ──▶ add(job) ─┐
//   Admission met a run of it ─────┴──▶ page by page: read, write canceled, tell
//
// If the process dies in the middle, whoever owns the shard then pages its runs in, meets what is left, and goes on. It starts none
// of them: a canceled job is held, too.

import { shardOf } from '@strait/domain/shard'
import type { Log } from '@strait/service-kit/log'
import { createLoop } from '@strait/service-kit/loop'
import type { Part } from '@strait/service-kit/part'
import type { Admission } from '../domain/admission.ts'
import type { DatabaseClock } from '../domain/database-clock.ts'
import type { Db } from '../store/db.ts'
import { findWaitingRuns } from '../store/waiting-runs.ts'
import type { LiveJobs } from '../wire/live-jobs.ts'
import { toCanceledEnd } from './ends.ts'
import type { Finisher } from './finisher.ts'
import type { Incarnation } from './incarnation.ts'

/** What the loop is made of. */
export interface CancelDeps {
  readonly db: Db
  readonly jobs: LiveJobs
  readonly admission: Pick<Admission, 'heldJobs' | 'forgetJob'>
  readonly finisher: Finisher
  readonly clock: DatabaseClock
  readonly incarnation: () => Incarnation | undefined
  readonly intervalMs: number
  readonly log: Log
}

/** The loop; jobs are handed to it as they are deleted. */
export interface Cancel extends Part {
  add(jobId: string): void
}

const pageSize = 500

/** Makes the loop. */
export function createCancel(deps: CancelDeps): Cancel {
  const { jobs, admission, finisher } = deps
  const left = new Set<string>()

  async function runOnce(): Promise<void> {
    const me = deps.incarnation()
    if (me === undefined) return
    for (const jobId of admission.heldJobs()) {
      if (!jobs.isCanceled(jobId)) continue
      // Forgotten before its runs are read: one that comes after the reading is met anew.
      admission.forgetJob(jobId)
      left.add(jobId)
    }
    const failures: unknown[] = []
    for (const jobId of left) {
      try {
        // Another owner of the shard meets its runs itself.
        if (!me.shards.has(shardOf(jobId)) || (await cancelWaiting(me, jobId))) left.delete(jobId)
      } catch (err) {
        // One whose versions cannot be read now does not keep back the others.
        failures.push(err)
      }
    }
    if (failures.length > 0) throw failures[0]
  }

  /** False when some could not be ended by us. */
  async function cancelWaiting(me: Incarnation, jobId: string): Promise<boolean> {
    for (;;) {
      const runs = await findWaitingRuns(deps.db, jobId, pageSize)
      if (runs.length === 0) return true
      const nowMs = deps.clock.nowMs()
      const ends = await Promise.all(
        runs.map(async (run) => {
          const config = await jobs.version(run.jobId, run.version)
          return toCanceledEnd(run, nowMs, config?.webhookUrl)
        }),
      )
      if ((await finisher.write({ execId: me.execId, generation: me.generation }, ends)) === 0) return false
    }
  }

  const loop = createLoop({ name: 'cancel', intervalMs: deps.intervalMs, runOnce, log: deps.log })
  return {
    name: loop.name,
    start: loop.start,
    stop: loop.stop,
    add(jobId) {
      left.add(jobId)
      loop.nudge()
    },
  }
}
