import type { ProjectId } from '@strait/domain/ids'
import type { CatalogDb } from './database.ts'
import { insertStandardEnvironments } from './environments/insert-standard-environments.ts'

/** A project as far as its making is concerned. */
export interface ProjectRow {
  readonly id: ProjectId
  /** Sealed with the master key. */
  readonly dataKey: Buffer
}

/** Stores a project with its standard environments unless its slug is taken, and answers the one that has the slug. */
export async function ensureProject(
  db: CatalogDb,
  project: ProjectRow & { readonly slug: string; readonly name: string },
): Promise<ProjectRow> {
  const { id, slug, name, dataKey } = project
  const actor = 'system:bootstrap'
  await db.transaction().execute(async (trx) => {
    const made = await trx
      .insertInto('projects')
      .values({ id, slug, name, data_key: dataKey, created_by: actor, updated_by: actor })
      .onConflict((conflict) => conflict.constraint('project_slugs_are_unique').doNothing())
      .returning('id')
      .execute()
    if (made.length > 0) await insertStandardEnvironments(trx, id, actor)
  })
  const row = await db
    .selectFrom('projects')
    .select(['id', 'data_key'])
    .where('slug', '=', slug)
    .executeTakeFirstOrThrow()
  return { id: row.id as ProjectId, dataKey: row.data_key }
}

/** Any one project, to try the master key on. */
export async function findAnyProject(db: CatalogDb): Promise<ProjectRow | undefined> {
  const row = await db.selectFrom('projects').select(['id', 'data_key']).limit(1).executeTakeFirst()
  return row === undefined ? undefined : { id: row.id as ProjectId, dataKey: row.data_key }
}

/** The next projects after an id, in the order of ids, or the first ones. */
export async function findProjectsAfter(
  db: CatalogDb,
  id: string | undefined,
  limit: number,
): Promise<readonly ProjectRow[]> {
  const rows = await db
    .selectFrom('projects')
    .select(['id', 'data_key'])
    .$if(id !== undefined, (query) => query.where('id', '>', id ?? ''))
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map((row) => ({ id: row.id as ProjectId, dataKey: row.data_key }))
}
