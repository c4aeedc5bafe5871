// The deletion of a job. A job is closed first, which refuses triggers, then its unfinished runs are counted elsewhere, then it
// is deleted or opened again.
//
// Closing leaves a mark, the time of it. A job is deleted only under the mark that its deleter counted under, so it was closed
// all the while. Deletions side by side share one mark; whoever refuses takes it away, and the others begin again. A mark older than
// a minute is the leftover of a process that died: it counts as none, and nothing is deleted under it.

import { sql } from 'kysely'
import type { JobRecord } from '../../domain/jobs/job.ts'
import { type AuditEntry, recordAudit } from '../audit/record-audit.ts'
import type { CatalogDb } from '../database.ts'
import { findJobRecord } from './find-job-version.ts'

/** The job to delete. */
export interface JobToDelete {
  readonly id: string
  readonly projectId: string
  /** Only in this version; undefined for whichever it is. */
  readonly version: number | undefined
}

/** Closes a job and answers the mark; undefined where it is not there any more in that version. */
export async function closeJob(db: CatalogDb, job: JobToDelete): Promise<string | undefined> {
  // A mark is shared only while it has time left for a count.
  const { rows } = await sql<{ mark: string }>`
    update jobs
    set closing_at = case when closing_at > now() - interval '30 seconds' then closing_at else now() end,
      changed = pg_current_xact_id()
    where ${isThere(job)}
    returning to_char(closing_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as mark
  `.execute(db)
  return rows[0]?.mark
}

/** Opens a job again that was closed under this mark. */
export async function reopenJob(db: CatalogDb, { id }: JobToDelete, mark: string): Promise<void> {
  await sql`
    update jobs set closing_at = null, changed = pg_current_xact_id()
    where id = ${id} and closing_at = ${mark}::timestamptz and deleted_at is null
  `.execute(db)
}

/** Deletes a job that is closed under this mark, or, without one, as it is; undefined where it is not. */
export async function deleteJobIfClosed(
  db: CatalogDb,
  job: JobToDelete,
  how: {
    readonly mark: string | undefined
    readonly cancelRuns: boolean
    readonly audit: (before: JobRecord) => AuditEntry
  },
): Promise<JobRecord | undefined> {
  const closed =
    how.mark === undefined
      ? sql`true`
      : sql`closing_at = ${how.mark}::timestamptz and closing_at > now() - interval '1 minute'`
  return db.transaction().execute(async (trx) => {
    const { rows } = await sql<{ id: string; version: number }>`
      update jobs
      set deleted_at = now(), closing_at = null, cancel_runs = ${how.cancelRuns}, changed = pg_current_xact_id()
      where ${isThere(job)} and ${closed}
      returning id, version
    `.execute(trx)
    if (rows[0] === undefined) return undefined
    const deleted = await findJobRecord(trx, rows[0].id, { number: rows[0].version })
    if (deleted === undefined) throw new Error(`the newest version of ${job.id} is not there`)
    await recordAudit(trx, [how.audit({ ...deleted, deletedAt: undefined })])
    return deleted
  })
}

function isThere({ id, projectId, version }: JobToDelete) {
  const inVersion = version === undefined ? sql`true` : sql`version = ${version}`
  return sql`id = ${id} and project_id = ${projectId} and deleted_at is null and ${inVersion}`
}
