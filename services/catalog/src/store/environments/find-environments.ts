// Environments as their project sees them. The project is in every look-up: another project's environment is not there, and neither is
// one that was deleted.
//
// A page begins after a place, not at a number, and ends early where its names would make it too large to be answered at once.

import { isUuid } from '@strait/domain/ids'
import { sql } from 'kysely'
import type { NamedLayer } from '../../domain/environments/effective-names.ts'
import type { EnvironmentRecord } from '../../domain/environments/environment-record.ts'
import { maxPageBytes } from '../answer-bytes.ts'
import { olderThan, type PlaceByAge, placeColumn } from '../by-age.ts'
import type { CatalogDb } from '../database.ts'
import { type EnvironmentRow, environmentColumns, toEnvironmentRecord, toNames } from './environment-row.ts'

/** An environment of a project by its id or slug; undefined where the project has no such environment. */
export async function findEnvironment(
  db: CatalogDb,
  projectId: string,
  ref: string,
): Promise<EnvironmentRecord | undefined> {
  if (ref.includes('\0')) return undefined
  const isIt = isUuid(ref) ? sql`e.id = ${ref}` : sql`e.slug = ${ref}`
  const { rows } = await sql<EnvironmentRow>`
    select ${environmentColumns} from environments as e
    where e.project_id = ${projectId} and e.deleted_at is null and ${isIt}
  `.execute(db)
  return rows[0] && toEnvironmentRecord(rows[0])
}

/** A page of environments, newest first. */
export interface EnvironmentPage {
  readonly environments: readonly EnvironmentRecord[]
  /** Where the next page begins; undefined after the last one. */
  readonly next: PlaceByAge | undefined
}

/** Reads at most `limit` environments of a project, after a place or from the newest one. */
export async function listEnvironments(
  db: CatalogDb,
  projectId: string,
  after: PlaceByAge | undefined,
  limit: number,
): Promise<EnvironmentPage> {
  const { rows } = await sql<EnvironmentRow & { created_at_text: string; is_last: boolean }>`
    with page as (
      select
        *, row_number() over places as place,
        sum(octet_length(variable_names::text)) over places as bytes
      from environments
      where project_id = ${projectId} and deleted_at is null and ${olderThan(after)}
      window places as (order by created_at desc, id desc)
      order by created_at desc, id desc
      limit ${limit + 1}
    )
    select
      ${environmentColumns},
      ${placeColumn},
      place = (select max(place) from page) as is_last
    from page as e
    where place = 1 or (place <= ${limit} and bytes <= ${maxPageBytes})
    order by created_at desc, id desc
  `.execute(db)
  const last = rows.at(-1)
  const next =
    last === undefined || last.is_last ? undefined : { createdAt: last.created_at_text, id: last.id }
  return { environments: rows.map(toEnvironmentRecord), next }
}

/** The line of an environment, the root first. It ends at the bound of a line, whatever is stored. */
export async function findLine(db: CatalogDb, id: string): Promise<readonly NamedLayer[]> {
  const { rows } = await sql<Pick<EnvironmentRow, 'id' | 'variable_names'>>`
    with recursive line as (
      select id, parent_id, variable_names, 1 as depth from environments where id = ${id}
      union all
      select p.id, p.parent_id, p.variable_names, l.depth + 1
      from line as l join environments as p on p.id = l.parent_id where l.depth < 10
    )
    select id, variable_names from line order by depth desc
  `.execute(db)
  return rows.map((row) => ({ id: row.id, names: toNames(row.variable_names) }))
}
