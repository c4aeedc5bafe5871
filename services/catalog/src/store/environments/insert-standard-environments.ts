// The environments that every project has from the beginning, made in the transaction that makes the project: there is none without them.

import { newUuidv7 } from '@strait/domain/ids'
import { sql } from 'kysely'
import type { CatalogDb } from '../database.ts'
import { auditEnvironments } from './audit-environment.ts'
import { type EnvironmentRow, environmentColumns, toEnvironmentRecord } from './environment-row.ts'

const standard = [
  ['development', 'Development'],
  ['staging', 'Staging'],
  ['production', 'Production'],
] as const

/** Gives a new project its environments; `trx` is the transaction that makes the project. */
export async function insertStandardEnvironments(
  trx: CatalogDb,
  projectId: string,
  actor: string,
): Promise<void> {
  const { rows } = await sql<EnvironmentRow>`
    insert into environments as e (id, project_id, slug, name, description, created_by, updated_by)
    select id, ${projectId}, slug, name, '', ${actor}, ${actor}
    from unnest(
      ${standard.map(() => newUuidv7())}::uuid[], ${standard.map(([slug]) => slug)}::text[],
      ${standard.map(([, name]) => name)}::text[]
    ) as t (id, slug, name)
    returning ${environmentColumns}
  `.execute(trx)
  const made = rows.map(toEnvironmentRecord)
  await auditEnvironments(
    trx,
    made.map((after) => ({ action: 'created', by: actor, before: undefined, after, changedNames: [] })),
  )
}
