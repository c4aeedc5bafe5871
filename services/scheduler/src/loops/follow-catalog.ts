// Keeps schedules as the catalog's jobs ask for them: asks for what changed once a second, and at once when the news
// comes over NATS. The cursor is in the scheduler's own tables, so a change is learnt of however long nobody ran. A batch of changes, the ledger rows that the old timetables still owe, and the cursor are one
// transaction: killed before its commit, the same changes come again; after it, they do not.

import { newUuidv7 } from '@strait/domain/ids'
import type { Log } from '@strait/service-kit/log'
import { createLoop } from '@strait/service-kit/loop'
import type { Part } from '@strait/service-kit/part'
import { type ChangedJob, changeSchedule } from '../domain/change-schedule.ts'
import { ledgerRows } from '../domain/ledger-rows.ts'
import type { Events } from '../events.ts'
import type { Db, Trx } from '../store/db.ts'
import { insertFires, insertUnfired, type RecordedFire } from '../store/insert-occurrences.ts'
import {
  deleteSchedules,
  loadCatalogCursor,
  lockSchedules,
  moveCatalogCursor,
  upsertSchedules,
} from '../store/schedules.ts'

/** What changed since a cursor. */
export interface ChangedJobs {
  readonly jobs: readonly ChangedJob[]
  readonly next: string
  readonly more: boolean
}

export interface FollowCatalogOptions {
  readonly db: Db
  readonly changedJobs: (since: string) => Promise<ChangedJobs>
  readonly send: (fires: readonly RecordedFire[]) => Promise<void>
  /** Told when a schedule may be due sooner than was known. */
  readonly onSchedules: () => void
  readonly resendMs: number
  readonly maxPayloadBytes: number
  readonly intervalMs: number
  readonly events: Events
  readonly log: Log
}

export interface FollowCatalog extends Part {
  /** Takes every change there is. */
  runOnce(): Promise<void>
  nudge(): void
}

/** Makes the loop. */
export function createFollowCatalog(options: FollowCatalogOptions): FollowCatalog {
  const { db, changedJobs, send, onSchedules, resendMs, maxPayloadBytes, intervalMs, events, log } = options

  async function runOnce(): Promise<void> {
    for (let more = true; more; ) {
      const since = await loadCatalogCursor(db)
      const changes = await changedJobs(since)
      more = changes.more && changes.next !== since
      if (changes.next === since) continue
      const taken = await db.transaction().execute((trx) => take(trx, since, changes))
      if (taken === undefined) continue
      if (taken.upserted + taken.deleted > 0) {
        events.schedulesChanged(taken.upserted, taken.deleted)
        onSchedules()
      }
      if (taken.fires.length > 0) events.fired(taken.fires.length, 0)
      await send(taken.fires)
    }
  }

  async function take(trx: Trx, since: string, { jobs, next }: ChangedJobs) {
    const now = await moveCatalogCursor(trx, since, next)
    if (now === undefined) return undefined
    // A job that comes twice is taken as it came last.
    const byId = new Map(jobs.map((job) => [job.id, job]))
    const locked = await lockSchedules(trx, [...byId.keys()])
    const known = new Map(locked.map((schedule) => [schedule.id, schedule]))
    const changes = Array.from(byId.values(), (job) => ({
      job,
      ...changeSchedule(job, known.get(job.id), now),
    }))
    const owed = ledgerRows(
      changes.flatMap(({ job, owed }) => (owed === undefined ? [] : [{ id: job.id, decision: owed }])),
      newUuidv7,
    )
    // First what the old rows owe, since the ledger takes version and payload from them.
    const fires = await insertFires(trx, owed.fires, { resendMs, maxPayloadBytes })
    await insertUnfired(trx, owed.unfired)
    const wanted = changes.flatMap(({ job, next }) =>
      job.timetable === undefined || next === undefined
        ? []
        : [
            {
              ...job.timetable,
              ...next,
              id: job.id,
              projectId: job.projectId,
              enabled: job.enabled,
              jobVersion: job.version,
              payload: job.payload,
            },
          ],
    )
    const unwanted = changes
      .filter(({ job, next }) => next === undefined && known.has(job.id))
      .map(({ job }) => job.id)
    await upsertSchedules(trx, wanted)
    await deleteSchedules(trx, unwanted)
    return { fires, upserted: wanted.length, deleted: unwanted.length }
  }

  const loop = createLoop({ name: 'follow-catalog', intervalMs, runOnce, log })
  return { name: loop.name, start: loop.start, stop: loop.stop, nudge: loop.nudge, runOnce }
}
