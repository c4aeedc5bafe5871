// Changes of a project, each with its entry in the audit log, together or not at all. An update writes only the revision that was decided
// on: of two that meet, the second changes no row and decides again on what the first left. A pause asks for nothing but that the
// project is not paused yet, so it comes through beside any update, once.

import { sql } from 'kysely'
import type { Project } from '../../domain/projects/project.ts'
import type { Audited } from '../audit/audited.ts'
import { recordAudit } from '../audit/record-audit.ts'
import type { CatalogDb } from '../database.ts'
import { isSlugTaken } from '../slug-taken.ts'
import { written } from '../written.ts'
import { type ProjectRow, projectColumns, projectSlugs, toProject } from './project-row.ts'

/** Changes what may be chosen of a project, if it is still what was decided on; undefined where it is not. */
export async function updateProjectIfUnchanged(
  db: CatalogDb,
  before: Project,
  { name, slug, egressAllow }: Project,
  { by, audit }: Audited<Project>,
): Promise<Project | 'slug_taken' | undefined> {
  const update = db.transaction().execute(async (trx) => {
    const { rows } = await sql<ProjectRow>`
      update projects set name = ${name}, slug = ${slug}, egress_allow = ${egressAllow}::text[], ${written(by)}
      where id = ${before.id} and revision = ${before.revision}
      returning ${projectColumns}
    `.execute(trx)
    if (rows[0] === undefined) return undefined
    const after = toProject(rows[0])
    await recordAudit(trx, [audit(before, after)])
    return after
  })
  return update.catch((error: unknown) => {
    if (isSlugTaken(error, projectSlugs)) return 'slug_taken' as const
    throw error
  })
}

/** Pauses or resumes a project; `changed` is false where it was so already. */
export async function setProjectPaused(
  db: CatalogDb,
  id: string,
  paused: boolean,
  { by, audit }: Audited<Project>,
): Promise<{ readonly project: Project; readonly changed: boolean }> {
  return db.transaction().execute(async (trx) => {
    const { rows } = await sql<ProjectRow>`
      select ${projectColumns} from projects where id = ${id} for no key update
    `.execute(trx)
    // Projects are never removed, and this one was found.
    const before = toProject(rows[0] as ProjectRow)
    if ((before.pausedAt !== undefined) === paused) return { project: before, changed: false }
    const { rows: changed } = await sql<ProjectRow>`
      update projects set paused_at = case when ${paused} then now() end, ${written(by)} where id = ${id}
      returning ${projectColumns}
    `.execute(trx)
    const project = toProject(changed[0] as ProjectRow)
    await recordAudit(trx, [audit(before, project)])
    return { project, changed: true }
  })
}
