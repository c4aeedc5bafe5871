// Chains the audit log: soon after a change that this process made, and at every turn of the clock what others left. Every catalog runs it;
// a lock per project lets them work side by side. Killed in a turn, the entries stay unchained until anybody's next one.
//
// What waits is measured at the beginning of each turn and not after it, so that a chainer that fails over and over is seen to do so.

import type { Log } from '@strait/service-kit/log'
import { createLoop } from '@strait/service-kit/loop'
import type { Part } from '@strait/service-kit/part'
import type { Events } from '../events.ts'
import { chainAudit, findProjectsToChain, measureUnchained } from '../store/audit/chain-audit.ts'
import type { CatalogDb } from '../store/database.ts'

/** What chaining needs. */
export interface ChainDeps {
  readonly db: CatalogDb
  readonly log: Log
  readonly events: Pick<Events, 'auditWaiting'>
  readonly intervalMs: number
}

// A transaction of some milliseconds, and of some mebibytes of memory.
const bounds = { maxEntries: 500, maxBytes: 8 * 1024 * 1024 }
const maxProjects = 1_000

/** The chainer: a loop whose turn chains one batch of each project that has something to chain. */
export function createAuditChainer({ db, log, events, intervalMs }: ChainDeps): Part & {
  nudge(): void
  /** One turn; answers how many entries were chained. */
  runOnce(): Promise<number>
} {
  async function runOnce(): Promise<number> {
    const { entries, oldestSecs } = await measureUnchained(db)
    events.auditWaiting(entries, oldestSecs)
    if (entries === 0) return 0
    const projects = await findProjectsToChain(db, maxProjects)
    let chained = 0
    let more = projects.length === maxProjects
    const failures: unknown[] = []
    for (const projectId of projects) {
      // What is wrong with one project's log must not keep the others from theirs.
      const done = await chainAudit(db, projectId, bounds).catch((error: unknown) => {
        failures.push(error)
        return { chained: 0, more: false }
      })
      chained += done.chained
      more ||= done.more
    }
    if (failures.length > 0) throw failures[0]
    if (more && chained > 0) loop.nudge()
    return chained
  }

  const loop = createLoop({ name: 'chain-audit', intervalMs, runOnce, log })
  return { ...loop, runOnce }
}
