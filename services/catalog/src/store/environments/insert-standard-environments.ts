// The environments that every project has from the beginning, made in the transaction that makes the project: there is none without them.
// They are a part of the project's making, and its entry in the audit log is theirs too; what changes in them has entries of its own.

import { newUuidv7 } from '@strait/domain/ids'
import { sql } from 'kysely'
import type { CatalogDb } from '../database.ts'

const standard = ['development', 'staging', 'production'] as const

/** Gives a new project its environments; `trx` is the transaction that makes the project. */
export async function insertStandardEnvironments(
  trx: CatalogDb,
  projectId: string,
  actor: string,
): Promise<void> {
  await sql`
    insert into environments (id, project_id, slug, name, description, created_by, updated_by)
    select id, ${projectId}, slug, initcap(slug), '', ${actor}, ${actor}
    from unnest(${standard.map(() => newUuidv7())}::uuid[], ${standard}::text[]) as environment (id, slug)
  `.execute(trx)
}
