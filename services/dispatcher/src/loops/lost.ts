// Attempts that died with their dispatcher, recorded by the owner of their shard: each counts as one attempt, and the run is tried
// again at once or has crashed. Guarded by the owner's generation and each attempt's (holder, fence): a result that its sender wrote in
// time is never overwritten, and two owners never record the same loss.

import { afterAttempt } from '../domain/after-attempt.ts'
import type { DatabaseClock } from '../domain/database-clock.ts'
import type { Events } from '../events.ts'
import type { Db } from '../store/db.ts'
import { findLostAttempts, type LostAttempt } from '../store/lost-attempts.ts'
import type { LiveJobs } from '../wire/live-jobs.ts'
import { toEnd } from './ends.ts'
import type { End, Finisher } from './finisher.ts'
import type { Incarnation } from './incarnation.ts'

/** What recording losses needs. */
export interface LostDeps {
  readonly db: Db
  readonly jobs: Pick<LiveJobs, 'version'>
  readonly finisher: Finisher
  readonly clock: DatabaseClock
  readonly events: Events
}

const pageSize = 500

/**
 * Records every lost attempt in some shards. False when some could not be recorded now, and somebody has to look again. What is known of
 * a job that the catalog need not be asked about does not wait for another's.
 */
export async function recordLost(
  deps: LostDeps,
  me: Incarnation,
  shards: readonly number[],
): Promise<boolean> {
  for (;;) {
    const lost = await findLostAttempts(deps.db, shards, pageSize)
    if (lost.length === 0) return true
    const looks = await Promise.allSettled(lost.map((run) => endOf(deps, run)))
    const ends = looks.flatMap((look) => (look.status === 'fulfilled' ? [look.value] : []))
    const recorded =
      ends.length === 0
        ? 0
        : await deps.finisher.write({ execId: me.execId, generation: me.generation }, ends)
    if (recorded > 0) deps.events.attemptsLost(recorded)
    for (const look of looks) if (look.status === 'rejected') throw look.reason
    // Nothing was ours to record: the generation has moved on, with other shards than these maybe, or somebody else was first.
    if (recorded === 0) return false
  }
}

async function endOf(deps: LostDeps, run: LostAttempt): Promise<End> {
  const config = await deps.jobs.version(run.jobId, run.version)
  if (config === undefined) throw new Error(`version ${run.version} of job ${run.jobId} does not exist`)
  const result = { kind: 'lost' } as const
  const nowMs = deps.clock.nowMs()
  const attempted = {
    attempt: run.attempt,
    losses: run.losses,
    maxAttempts: config.maxAttempts,
    retry: config.retry,
  }
  const next = afterAttempt(attempted, result, nowMs, 0, 0)
  return toEnd(run, run.holder, result, next, nowMs, config.webhookUrl)
}
