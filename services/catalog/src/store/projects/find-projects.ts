// Projects as those see them who may: a key of a project that one, a key of the deployment each.

import { isUuid, type ProjectId } from '@strait/domain/ids'
import { checkSlug } from '@strait/domain/slug'
import { sql } from 'kysely'
import type { Project } from '../../domain/projects/project.ts'
import { olderThan, type Page, type PlaceByAge, placeColumn, toPage } from '../by-age.ts'
import type { CatalogDb } from '../database.ts'
import { type ProjectRow, projectColumns, toProject } from './project-row.ts'

/** A project by its id or its slug. `own` is the only one that the caller sees; undefined for one who sees each. */
export async function findProject(
  db: CatalogDb,
  own: string | undefined,
  project: string,
): Promise<Project | undefined> {
  if (!isUuid(project) && !checkSlug(project).ok) return undefined
  const isIt = isUuid(project) ? sql`id = ${project}` : sql`slug = ${project}`
  const isSeen = own === undefined ? sql`true` : sql`id = ${own}`
  const { rows } = await sql<ProjectRow>`
    select ${projectColumns} from projects where ${isIt} and ${isSeen}
  `.execute(db)
  return rows[0] && toProject(rows[0])
}

/** Reads at most `limit` projects, newest first, after a place or from the newest one. */
export async function listProjects(
  db: CatalogDb,
  after: PlaceByAge | undefined,
  limit: number,
): Promise<Page<Project>> {
  const { rows } = await sql<ProjectRow & { created_at_text: string }>`
    select ${projectColumns}, ${placeColumn} from projects
    where ${olderThan(after)}
    order by created_at desc, id desc
    limit ${limit + 1}
  `.execute(db)
  return toPage(rows, limit, toProject)
}

/** The allow-list of a project, as it is now. */
export async function findEgressAllow(db: CatalogDb, projectId: string): Promise<readonly string[]> {
  const row = await db
    .selectFrom('projects')
    .select('egress_allow')
    .where('id', '=', projectId)
    .executeTakeFirst()
  return row?.egress_allow ?? []
}

/** Any one project and its sealed data key, to try the master key on. */
export async function findAnyDataKey(
  db: CatalogDb,
): Promise<{ readonly id: ProjectId; readonly dataKey: Buffer } | undefined> {
  const row = await db.selectFrom('projects').select(['id', 'data_key']).limit(1).executeTakeFirst()
  return row === undefined ? undefined : { id: row.id as ProjectId, dataKey: row.data_key }
}
