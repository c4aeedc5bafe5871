// Writes of heads, past all checks: what a change of the API does to the rows that followers read.

import { newUuidv7 } from '@strait/domain/ids'
import { sql } from 'kysely'
import type { CatalogDb } from '../src/store/database.ts'

const by = { created_by: 'system:test', updated_by: 'system:test' }

export async function insertGroup(db: CatalogDb, projectId: string, slug: string): Promise<string> {
  const id = newUuidv7()
  await db
    .insertInto('job_groups')
    .values({ id, project_id: projectId, slug, name: slug, description: '', ...by })
    .execute()
  return id
}

export async function insertEnvironment(db: CatalogDb, projectId: string, slug: string): Promise<string> {
  const id = newUuidv7()
  await db
    .insertInto('environments')
    .values({ id, project_id: projectId, slug, name: slug, description: '', variable_names: '{}', ...by })
    .execute()
  return id
}

type HeadTable = 'jobs' | 'job_groups' | 'environments' | 'projects'

/** Writes a head without changing anything of it. */
export async function touch(db: CatalogDb, table: HeadTable, id: string): Promise<void> {
  await sql`update ${sql.table(table)} set changed = pg_current_xact_id() where id = ${id}`.execute(db)
}

/** Pauses or resumes. */
export async function setPaused(
  db: CatalogDb,
  table: 'jobs' | 'job_groups' | 'projects',
  id: string,
  paused: boolean,
): Promise<void> {
  await sql`
    update ${sql.table(table)} set paused_at = case when ${paused} then now() end, changed = pg_current_xact_id()
    where id = ${id}
  `.execute(db)
}
