// A new group and its entry in the audit log, together or not at all. Whether the slug is free is decided by the unique index and nothing
// else, so of creates that run side by side exactly one gets it.

import type { GroupId } from '@strait/domain/ids'
import { sql } from 'kysely'
import type { JobGroup, JobGroupFields } from '../../domain/groups/job-group.ts'
import { type AuditEntry, recordAudit } from '../audit/record-audit.ts'
import type { CatalogDb } from '../database.ts'
import { type JobGroupRow, jobGroupColumns, toJobGroup } from './job-group-row.ts'

/** Stores a group unless its slug is taken; answers it as it is stored, or undefined. */
export async function insertJobGroupIfSlugIsFree(
  db: CatalogDb,
  group: JobGroupFields & { readonly id: GroupId; readonly projectId: string; readonly createdBy: string },
  audit: (stored: JobGroup) => AuditEntry,
): Promise<JobGroup | undefined> {
  const { id, projectId, slug, name, description, createdBy } = group
  return db.transaction().execute(async (trx) => {
    const { rows } = await sql<JobGroupRow>`
      insert into job_groups (id, project_id, slug, name, description, created_by, updated_by)
      values (${id}, ${projectId}, ${slug}, ${name}, ${description}, ${createdBy}, ${createdBy})
      on conflict (project_id, slug) where deleted_at is null do nothing
      returning ${jobGroupColumns}
    `.execute(trx)
    if (rows[0] === undefined) return undefined
    const stored = toJobGroup(rows[0])
    await recordAudit(trx, [audit(stored)])
    return stored
  })
}
