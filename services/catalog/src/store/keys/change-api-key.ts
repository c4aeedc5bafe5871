// Changes of an API key, made in the transaction that records them in the audit log. An update and a rotation write only the
// revision that was decided on: of two that meet, the second changes no row and decides again on what the first left. A
// revocation asks for nothing: it ends the key whatever else happens, once. Dying before the commit leaves the key as it was;
// dying after it leaves a change of which no news was sent, and which everybody learns within five seconds.

import { sql } from 'kysely'
import { isApiKeyId } from '../../domain/keys/api-key.ts'
import type { ApiKeyRecord } from '../../domain/keys/api-key-record.ts'
import type { CatalogDb } from '../database.ts'
import { type ApiKeyRow, apiKeyColumns, toApiKeyRecord } from './api-key-row.ts'

/** Changes name and end, if the key is still what was decided on; undefined where it is not. */
export async function updateApiKeyIfUnchanged(
  db: CatalogDb,
  key: ApiKeyRecord,
  change: { readonly name: string; readonly expiresAt: Date | undefined; readonly by: string },
): Promise<ApiKeyRecord | undefined> {
  const { rows } = await sql<ApiKeyRow>`
    update api_keys
    set name = ${change.name}, expires_at = ${change.expiresAt?.toISOString() ?? null},
      revision = revision + 1, updated_by = ${change.by}, updated_at = now()
    where ${isUnchanged(key)}
    returning ${apiKeyColumns}
  `.execute(db)
  return rows[0] && toApiKeyRecord(rows[0])
}

/** Gives the key a new secret, if it is still what was decided on; undefined where it is not. */
export async function rotateApiKeyIfUnchanged(
  db: CatalogDb,
  key: ApiKeyRecord,
  change: { readonly secretHash: Buffer; readonly graceSecs: number; readonly by: string },
): Promise<ApiKeyRecord | undefined> {
  const { secretHash, graceSecs, by } = change
  // Without a grace nothing of the secret before is kept.
  const hasGrace = sql`${graceSecs}::int4 > 0`
  const { rows } = await sql<ApiKeyRow>`
    update api_keys
    set secret_hash = ${secretHash},
      previous_secret_hash = case when ${hasGrace} then secret_hash end,
      previous_secret_expires_at = case when ${hasGrace} then now() + make_interval(secs => ${graceSecs}::int4) end,
      revision = revision + 1, updated_by = ${by}, updated_at = now()
    where ${isUnchanged(key)}
    returning ${apiKeyColumns}
  `.execute(db)
  return rows[0] && toApiKeyRecord(rows[0])
}

/**
 * Ends a key for ever, in a transaction: what it was before is locked until then. `before` is undefined for a key that had been revoked
 * already. Undefined where the project has no such key.
 */
export async function revokeApiKey(
  trx: CatalogDb,
  ref: { readonly projectId: string; readonly id: string },
  by: string,
): Promise<{ readonly key: ApiKeyRecord; readonly before: ApiKeyRecord | undefined } | undefined> {
  if (!isApiKeyId(ref.id)) return undefined
  const found = await sql<ApiKeyRow>`
    select ${apiKeyColumns} from api_keys where id = ${ref.id} and project_id = ${ref.projectId} for no key update
  `.execute(trx)
  const before = found.rows[0] && toApiKeyRecord(found.rows[0])
  if (before === undefined) return undefined
  if (before.revokedAt !== undefined) return { key: before, before: undefined }
  const { rows } = await sql<ApiKeyRow>`
    update api_keys
    set revoked_at = now(), previous_secret_hash = null, previous_secret_expires_at = null,
      revision = revision + 1, updated_by = ${by}, updated_at = now()
    where id = ${ref.id}
    returning ${apiKeyColumns}
  `.execute(trx)
  return { key: toApiKeyRecord(rows[0] as ApiKeyRow), before }
}

function isUnchanged({ id, projectId, revision }: ApiKeyRecord) {
  return sql`id = ${id} and project_id = ${projectId} and revision = ${revision} and revoked_at is null`
}
