// The pause of a job: a state beside its configuration, which makes no version. To pause what is paused changes nothing, not even
// since when it is.

import { sql } from 'kysely'
import type { JobRecord } from '../../domain/jobs/job.ts'
import { type AuditEntry, recordAudit } from '../audit/record-audit.ts'
import type { CatalogDb } from '../database.ts'
import { findJobRecord } from './find-job-version.ts'

/** Pauses a job or ends its pause; undefined where it was so already, or is not there any more. */
export async function setPaused(
  db: CatalogDb,
  { id, projectId }: Pick<JobRecord, 'id' | 'projectId'>,
  paused: boolean,
  audit: (before: JobRecord, after: JobRecord) => AuditEntry,
): Promise<JobRecord | undefined> {
  return db.transaction().execute(async (trx) => {
    const { rows } = await sql<{ version: number; was: Date | null }>`
      update jobs
      set paused_at = ${paused ? sql`now()` : sql`null`}, changed = pg_current_xact_id()
      from (select id as was_id, paused_at as was from jobs where id = ${id} for update) as old
      where id = was_id and project_id = ${projectId} and deleted_at is null and (paused_at is null) = ${paused}
      returning version, was
    `.execute(trx)
    const [row] = rows
    if (row === undefined) return undefined
    const after = await findJobRecord(trx, id, { number: row.version })
    if (after === undefined) throw new Error(`the newest version of ${id} is not there`)
    await recordAudit(trx, [audit({ ...after, pausedAt: row.was ?? undefined }, after)])
    return after
  })
}
