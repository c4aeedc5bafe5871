// A new project with its environments and its entry in the audit log: all of it or nothing. Whether the slug is free is decided by the
// unique constraint and nothing else, so of creates that run side by side exactly one gets it.

import type { ProjectId } from '@strait/domain/ids'
import { sql } from 'kysely'
import type { Project, ProjectFields } from '../../domain/projects/project.ts'
import { type AuditEntry, recordAudit } from '../audit/record-audit.ts'
import type { CatalogDb } from '../database.ts'
import { insertStandardEnvironments } from '../environments/insert-standard-environments.ts'
import { type ProjectRow, projectColumns, projectSlugs, toProject } from './project-row.ts'

/** Everything that is stored of a new project. */
export interface ProjectToInsert extends ProjectFields {
  readonly id: ProjectId
  /** Sealed with the master key. */
  readonly dataKey: Buffer
  readonly createdBy: string
  /** What the audit log says of its making. */
  readonly audit: (stored: Project) => AuditEntry
}

/** Stores a project unless its slug is taken; answers it as it is stored, or undefined. `trx` is a transaction. */
export async function insertProjectIfSlugIsFree(
  trx: CatalogDb,
  project: ProjectToInsert,
): Promise<Project | undefined> {
  const { id, slug, name, egressAllow, dataKey, createdBy, audit } = project
  const { rows } = await sql<ProjectRow>`
    insert into projects (id, slug, name, egress_allow, data_key, created_by, updated_by)
    values (${id}, ${slug}, ${name}, ${egressAllow}::text[], ${dataKey}, ${createdBy}, ${createdBy})
    on conflict on constraint ${sql.id(projectSlugs)} do nothing
    returning ${projectColumns}
  `.execute(trx)
  if (rows[0] === undefined) return undefined
  const stored = toProject(rows[0])
  await insertStandardEnvironments(trx, id, createdBy)
  await recordAudit(trx, [audit(stored)])
  return stored
}

/** Stores a project unless its slug is taken, and answers the one that has the slug. */
export async function ensureProject(db: CatalogDb, project: ProjectToInsert): Promise<ProjectId> {
  const made = await db.transaction().execute((trx) => insertProjectIfSlugIsFree(trx, project))
  if (made !== undefined) return made.id
  const row = await db
    .selectFrom('projects')
    .select('id')
    .where('slug', '=', project.slug)
    .executeTakeFirstOrThrow()
  return row.id as ProjectId
}
