// API keys as their project sees them. The project is in every look-up: another project's key is not there.

import { sql } from 'kysely'
import { isApiKeyId } from '../../domain/keys/api-key.ts'
import type { ApiKeyRecord } from '../../domain/keys/api-key-record.ts'
import { olderThan, type Page, type PlaceByAge, placeColumn, toPage } from '../by-age.ts'
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

/** Reads at most `limit` keys of a project, newest first, after a place or from the newest one. */
export async function listApiKeys(
  db: CatalogDb,
  projectId: string,
  after: PlaceByAge | undefined,
  limit: number,
): Promise<Page<ApiKeyRecord>> {
  const { rows } = await sql<ApiKeyRow & { created_at_text: string }>`
    select ${apiKeyColumns}, ${placeColumn} from api_keys
    where project_id = ${projectId} and ${olderThan(after)}
    order by created_at desc, id desc
    limit ${limit + 1}
  `.execute(db)
  return toPage(rows, limit, toApiKeyRecord)
}
