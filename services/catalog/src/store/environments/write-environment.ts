// Environments are written under the lock of environment-lock.ts, so nothing is asked for but what the database decides: that a slug is
// free. A change of variables or parent is one of everything below, too: their heads are marked as changed in the same statement, so
// that followers ask again for the values of all of them.

import type { EnvironmentId } from '@strait/domain/ids'
import { sql } from 'kysely'
import type { EnvironmentFields, EnvironmentRecord } from '../../domain/environments/environment-record.ts'
import { namesOf, type OwnVariables } from '../../domain/environments/variables.ts'
import type { LockedEnvironments } from './environment-lock.ts'
import {
  type EnvironmentRow,
  environmentColumns,
  toEnvironmentRecord,
  toStoredNames,
} from './environment-row.ts'
import { sealVariables } from './sealed-variables.ts'

/** Everything that is stored of a new environment. */
export interface EnvironmentToInsert {
  readonly id: EnvironmentId
  readonly fields: EnvironmentFields
  readonly own: OwnVariables
  readonly by: string
}

/** Stores an environment unless its slug is taken; undefined where it is. */
export async function insertEnvironmentIfSlugIsFree(
  { trx, projectId, dataKey }: LockedEnvironments,
  { id, fields, own, by }: EnvironmentToInsert,
): Promise<EnvironmentRecord | undefined> {
  const { rows } = await sql<EnvironmentRow>`
    insert into environments as e (
      id, project_id, slug, name, description, parent_id, sealed_variables, variable_names, created_by, updated_by
    )
    values (
      ${id}, ${projectId}, ${fields.slug}, ${fields.name}, ${fields.description}, ${fields.parentId ?? null},
      ${sealVariables(dataKey, { projectId, id }, own)}, ${toStoredNames(namesOf(own))}, ${by}, ${by}
    )
    on conflict (project_id, slug) where deleted_at is null do nothing
    returning ${environmentColumns}
  `.execute(trx)
  return rows[0] && toEnvironmentRecord(rows[0])
}

/** What is written of a change. */
export interface EnvironmentChange {
  readonly fields: EnvironmentFields
  /** Undefined where no variable changes. */
  readonly own: OwnVariables | undefined
  /** Whether variables or parent change, and with them what holds here and below. */
  readonly valuesMoved: boolean
  readonly by: string
}

/** Writes a change; answers it with the ids of all whose values moved, or undefined where the slug is taken. */
export async function updateEnvironmentIfSlugIsFree(
  { trx, projectId, dataKey }: LockedEnvironments,
  id: EnvironmentId,
  { fields, own, valuesMoved, by }: EnvironmentChange,
): Promise<{ readonly environment: EnvironmentRecord; readonly below: readonly string[] } | undefined> {
  const taken = await sql`
    select from environments
    where project_id = ${projectId} and slug = ${fields.slug} and deleted_at is null and id <> ${id}
  `.execute(trx)
  if (taken.rows.length > 0) return undefined
  const variables =
    own === undefined
      ? sql``
      : sql`sealed_variables = ${sealVariables(dataKey, { projectId, id }, own)},
            variable_names = ${toStoredNames(namesOf(own))},`
  const { rows } = await sql<EnvironmentRow>`
    update environments as e
    set slug = ${fields.slug}, name = ${fields.name}, description = ${fields.description},
      parent_id = ${fields.parentId ?? null}, ${variables}
      variables_revision = variables_revision + ${valuesMoved ? 1 : 0},
      revision = revision + 1, changed = pg_current_xact_id(), updated_by = ${by}, updated_at = now()
    where e.id = ${id}
    returning ${environmentColumns}
  `.execute(trx)
  const environment = toEnvironmentRecord(rows[0] as EnvironmentRow)
  return { environment, below: valuesMoved ? await markBelow(trx, id) : [] }
}

/** Marks everything below an environment as changed, and answers the ids. */
async function markBelow(trx: LockedEnvironments['trx'], id: EnvironmentId): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    with recursive below as (
      select id from environments where parent_id = ${id}
      union
      select e.id from below as b join environments as e on e.parent_id = b.id
    )
    update environments as e set changed = pg_current_xact_id() from below as b where e.id = b.id
    returning e.id
  `.execute(trx)
  return rows.map((row) => row.id)
}
