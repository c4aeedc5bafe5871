// Attempts that died with their dispatcher, recorded by the owner of their shard: each counts as one attempt, and the run is tried
// again at once or has crashed. Guarded by the owner's generation and each attempt's (holder, fence): a result that its sender wrote in
// time is never overwritten, and two owners never record the same loss.

import { afterAttempt } from '../domain/after-attempt.ts'
import type { DatabaseClock } from '../domain/database-clock.ts'
import type { Events } from '../events.ts'
import type { JobDirectory } from '../rpc/job-directory.ts'
import type { Db } from '../store/db.ts'
import { findLostAttempts } from '../store/lost-attempts.ts'
import { toEnd } from './ends.ts'
import type { Finisher } from './finisher.ts'
import type { Incarnation } from './incarnation.ts'

/** What recording losses needs. */
export interface LostDeps {
  readonly db: Db
  readonly jobs: JobDirectory
  readonly finisher: Finisher
  readonly clock: DatabaseClock
  readonly events: Events
}

const pageSize = 500

/** Records every lost attempt in some shards. */
export async function recordLost(deps: LostDeps, me: Incarnation, shards: readonly number[]): Promise<void> {
  for (;;) {
    const lost = await findLostAttempts(deps.db, shards, pageSize)
    if (lost.length === 0) return
    const nowMs = deps.clock.nowMs()
    const ends = await Promise.all(
      lost.map(async (run) => {
        const config = await deps.jobs.version(run.jobId, run.version)
        if (config === undefined) throw new Error(`version ${run.version} of job ${run.jobId} does not exist`)
        const result = { kind: 'lost' } as const
        const attempted = {
          attempt: run.attempt,
          losses: run.losses,
          maxAttempts: config.maxAttempts,
          retry: config.retry,
        }
        return toEnd(
          run,
          run.holder,
          result,
          afterAttempt(attempted, result, nowMs, 0, 0),
          nowMs,
          config.webhookUrl,
        )
      }),
    )
    const recorded = await deps.finisher.write({ execId: me.execId, generation: me.generation }, ends)
    deps.events.attemptsLost(recorded)
    // Nothing was ours to record: somebody else owns these shards now.
    if (recorded === 0) return
  }
}
