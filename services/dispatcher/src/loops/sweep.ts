// Finds waiting runs that nobody told the owner of: those of jobs that are held no more, pages of a backlog that does not fit into memory,
// and runs whose wake got lost. One loop does it all, one after the other: a run that is offered while a page is under way may be dropped as lying beyond it, and
// is found by the sweep that follows, which looks at everything armed since the sweep before.

import type { Log } from '@strait/service-kit/log'
import { createLoop } from '@strait/service-kit/loop'
import type { Part } from '@strait/service-kit/part'
import type { Admission } from '../domain/admission.ts'
import { currentXmin, loadArmedSince, loadBacklog, loadBacklogOfJob } from '../store/backlog.ts'
import type { Db } from '../store/db.ts'
import type { Executor } from './executor.ts'
import type { Incarnation } from './incarnation.ts'

/** What the sweep is made of. */
export interface SweepDeps {
  readonly db: Db
  readonly intervalMs: number
  readonly admission: Admission
  readonly executor: Executor
  readonly incarnation: () => Incarnation | undefined
  readonly pageSize: number
  readonly log: Log
}

/** The sweep; a nudge makes it look now. */
export function createSweep(deps: SweepDeps): Part & { nudge(): void } {
  const { db, admission, executor, pageSize } = deps
  let since: string | undefined

  async function runOnce(): Promise<void> {
    const me = deps.incarnation()
    if (me === undefined || me.shards.size === 0) return
    since ??= await currentXmin(db)
    // Whoever is held because too little is known of it is asked for again, should the answer have got lost.
    admission.releaseHeld()
    for (let want = admission.wantsPageOfJob(); want !== undefined; want = admission.wantsPageOfJob()) {
      const entries = me.shards.has(want.shard)
        ? await loadBacklogOfJob(db, want.jobId, want.after, pageSize)
        : []
      admission.pageOfJob(
        want,
        entries.filter((entry) => me.shards.has(entry.shard)),
        entries.length < pageSize,
      )
      executor.pump()
    }
    for (let after = admission.wantsPageAfter(); after !== undefined; after = admission.wantsPageAfter()) {
      const { entries, next } = await loadBacklog(db, [...me.shards], after, pageSize, admission.heldJobs())
      admission.page(
        after,
        entries.filter((entry) => me.shards.has(entry.shard)),
        next,
      )
      executor.pump()
    }
    for (let full = true; full; ) {
      const { entries, next } = await loadArmedSince(db, [...me.shards], since, pageSize)
      for (const entry of entries) if (me.shards.has(entry.shard)) admission.offer(entry)
      full = entries.length === pageSize && next !== since
      since = next
    }
    executor.pump()
  }

  return createLoop({ name: 'sweep', intervalMs: deps.intervalMs, runOnce, log: deps.log })
}
