// Changes of a group, each with its entry in the audit log, together or not at all. An update writes only the revision that was decided
// on: of two that meet, the second changes no row and decides again on what the first left. A pause asks for nothing but that the
// group is not paused yet, so it comes through beside any update, once.

import { sql } from 'kysely'
import type { JobGroup } from '../../domain/groups/job-group.ts'
import type { Audited } from '../audit/audited.ts'
import { recordAudit } from '../audit/record-audit.ts'
import type { CatalogDb } from '../database.ts'
import { isSlugTaken } from '../slug-taken.ts'
import { written } from '../written.ts'
import { type JobGroupRow, jobGroupColumns, jobGroupSlugs, toJobGroup } from './job-group-row.ts'

/** Changes what may be chosen of a group, if it is still what was decided on; undefined where it is not. */
export async function updateJobGroupIfUnchanged(
  db: CatalogDb,
  before: JobGroup,
  { name, slug, description }: JobGroup,
  { by, audit }: Audited<JobGroup>,
): Promise<JobGroup | 'slug_taken' | undefined> {
  const update = db.transaction().execute(async (trx) => {
    const { rows } = await sql<JobGroupRow>`
      update job_groups set name = ${name}, slug = ${slug}, description = ${description}, ${written(by)}
      where id = ${before.id} and revision = ${before.revision} and deleted_at is null
      returning ${jobGroupColumns}
    `.execute(trx)
    if (rows[0] === undefined) return undefined
    const after = toJobGroup(rows[0])
    await recordAudit(trx, [audit(before, after)])
    return after
  })
  return update.catch((error: unknown) => {
    if (isSlugTaken(error, jobGroupSlugs)) return 'slug_taken' as const
    throw error
  })
}

/** Pauses or resumes a group; `changed` is false where it was so already. Undefined where the group is not there any more. */
export async function setJobGroupPaused(
  db: CatalogDb,
  id: string,
  paused: boolean,
  { by, audit }: Audited<JobGroup>,
): Promise<{ readonly group: JobGroup; readonly changed: boolean } | undefined> {
  return db.transaction().execute(async (trx) => {
    const { rows } = await sql<JobGroupRow>`
      select ${jobGroupColumns} from job_groups where id = ${id} and deleted_at is null for no key update
    `.execute(trx)
    if (rows[0] === undefined) return undefined
    const before = toJobGroup(rows[0])
    if ((before.pausedAt !== undefined) === paused) return { group: before, changed: false }
    const { rows: changed } = await sql<JobGroupRow>`
      update job_groups set paused_at = case when ${paused} then now() end, ${written(by)} where id = ${id}
      returning ${jobGroupColumns}
    `.execute(trx)
    const group = toJobGroup(changed[0] as JobGroupRow)
    await recordAudit(trx, [audit(before, group)])
    return { group, changed: true }
  })
}
