// Groups as their project sees them. The project is in every look-up: another project's group is not there, nor is a deleted one.

import { isUuid } from '@strait/domain/ids'
import { checkSlug } from '@strait/domain/slug'
import { sql } from 'kysely'
import type { JobGroup } from '../../domain/groups/job-group.ts'
import { olderThan, type Page, type PlaceByAge, placeColumn, toPage } from '../by-age.ts'
import type { CatalogDb } from '../database.ts'
import { type JobGroupRow, jobGroupColumns, toJobGroup } from './job-group-row.ts'

/** A group of a project, by its id or its slug; undefined where the project has no such group. */
export async function findJobGroup(
  db: CatalogDb,
  projectId: string,
  group: string,
): Promise<JobGroup | undefined> {
  if (!isUuid(group) && !checkSlug(group).ok) return undefined
  const isIt = isUuid(group) ? sql`id = ${group}` : sql`slug = ${group}`
  const { rows } = await sql<JobGroupRow>`
    select ${jobGroupColumns} from job_groups
    where project_id = ${projectId} and ${isIt} and deleted_at is null
  `.execute(db)
  return rows[0] && toJobGroup(rows[0])
}

/** Reads at most `limit` groups of a project, newest first, after a place or from the newest one. */
export async function listJobGroups(
  db: CatalogDb,
  projectId: string,
  after: PlaceByAge | undefined,
  limit: number,
): Promise<Page<JobGroup>> {
  const { rows } = await sql<JobGroupRow & { created_at_text: string }>`
    select ${jobGroupColumns}, ${placeColumn} from job_groups
    where project_id = ${projectId} and deleted_at is null and ${olderThan(after)}
    order by created_at desc, id desc
    limit ${limit + 1}
  `.execute(db)
  return toPage(rows, limit, toJobGroup)
}
