import type { ProjectId } from '@strait/domain/ids'
import type { CatalogDb } from './database.ts'

/** A project as far as its making is concerned. */
export interface ProjectRow {
  readonly id: ProjectId
  /** Sealed with the master key. */
  readonly dataKey: Buffer
}

/** Stores a project unless its slug is taken, and answers the one that has the slug, with when it was made if it was made now. */
export async function ensureProject(
  db: CatalogDb,
  project: ProjectRow & { readonly slug: string; readonly name: string },
): Promise<ProjectRow & { readonly madeAt: Date | undefined }> {
  const { id, slug, name, dataKey } = project
  const made = await db
    .insertInto('projects')
    .values({
      id,
      slug,
      name,
      data_key: dataKey,
      created_by: 'system:bootstrap',
      updated_by: 'system:bootstrap',
    })
    .onConflict((conflict) => conflict.constraint('project_slugs_are_unique').doNothing())
    .returning('created_at')
    .executeTakeFirst()
  const row = await db
    .selectFrom('projects')
    .select(['id', 'data_key'])
    .where('slug', '=', slug)
    .executeTakeFirstOrThrow()
  return { id: row.id as ProjectId, dataKey: row.data_key, madeAt: made?.created_at }
}

/** Any one project, to try the master key on. */
export async function findAnyProject(db: CatalogDb): Promise<ProjectRow | undefined> {
  const row = await db.selectFrom('projects').select(['id', 'data_key']).limit(1).executeTakeFirst()
  return row === undefined ? undefined : { id: row.id as ProjectId, dataKey: row.data_key }
}
