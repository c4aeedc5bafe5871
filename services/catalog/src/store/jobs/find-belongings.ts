// What jobs belong to, by id or slug. The project is in every look-up: another project's group is not there.

import { isUuid } from '@strait/domain/ids'
import { checkSlug } from '@strait/domain/slug'
import type { CatalogDb } from '../database.ts'

/** The id of a group or an environment of a project; undefined where the project has none of that name. */
export async function findBelonging(
  db: CatalogDb,
  table: 'job_groups' | 'environments',
  projectId: string,
  ref: string,
): Promise<string | undefined> {
  if (!isUuid(ref) && !checkSlug(ref).ok) return undefined
  const row = await db
    .selectFrom(table)
    .select('id')
    .where('project_id', '=', projectId)
    .where('deleted_at', 'is', null)
    .where(isUuid(ref) ? 'id' : 'slug', '=', ref)
    .executeTakeFirst()
  return row?.id
}
