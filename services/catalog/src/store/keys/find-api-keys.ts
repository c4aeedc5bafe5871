// API keys as their project sees them. The project is in every look-up: another project's key is not there.
//
// A page begins after a place, not at a number: keys that are made meanwhile stand before the first page and move nothing.
// A place carries the time of creation as Postgres has it, to the microsecond, as text: a Date would lose what tells two
// keys of one millisecond apart.

import { sql } from 'kysely'
import { isApiKeyId } from '../../domain/keys/api-key.ts'
import type { ApiKeyRecord } from '../../domain/keys/api-key-record.ts'
import type { CatalogDb } from '../database.ts'
import { type ApiKeyRow, apiKeyColumns, toApiKeyRecord } from './api-key-row.ts'

/** A key of a project; undefined where the project has no such key. */
export async function findApiKey(
  db: CatalogDb,
  projectId: string,
  id: string,
): Promise<ApiKeyRecord | undefined> {
  if (!isApiKeyId(id)) return undefined
  const { rows } = await sql<ApiKeyRow>`
    select ${apiKeyColumns} from api_keys where id = ${id} and project_id = ${projectId}
  `.execute(db)
  return rows[0] && toApiKeyRecord(rows[0])
}

/** The last key of a page: when it was created, to the microsecond, and its id. */
export interface KeyPlace {
  readonly createdAt: string
  readonly id: string
}

/** A page of keys, newest first. */
export interface KeyPage {
  readonly keys: readonly ApiKeyRecord[]
  /** Where the next page begins; undefined after the last one. */
  readonly next: KeyPlace | undefined
}

/** Reads at most `limit` keys of a project, after a place or from the newest one. */
export async function listApiKeys(
  db: CatalogDb,
  projectId: string,
  after: KeyPlace | undefined,
  limit: number,
): Promise<KeyPage> {
  const older =
    after === undefined ? sql`true` : sql`(created_at, id) < (${after.createdAt}::timestamptz, ${after.id})`
  const { rows } = await sql<ApiKeyRow & { created_at_text: string }>`
    select
      ${apiKeyColumns},
      to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as created_at_text
    from api_keys
    where project_id = ${projectId} and ${older}
    order by created_at desc, id desc
    limit ${limit + 1}
  `.execute(db)
  const page = rows.slice(0, limit)
  const last = rows.length > limit ? page.at(-1) : undefined
  return {
    keys: page.map(toApiKeyRecord),
    next: last && { createdAt: last.created_at_text, id: last.id },
  }
}
