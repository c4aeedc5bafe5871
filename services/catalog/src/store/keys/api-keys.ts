// API keys as callers show them: verified in batches by their public part, then compared in constant time. Whether a key is
// in force is asked of the database's clock, the same for every replica. A key that is not valid is undefined, whatever is
// wrong with it.

import { sql } from 'kysely'
import { endOfSecret, parseApiKey } from '../../domain/keys/api-key.ts'
import type { ApiKeyRecord } from '../../domain/keys/api-key-record.ts'
import type { NewApiKeyFields } from '../../domain/keys/check-new-api-key.ts'
import type { CatalogDb } from '../database.ts'
import { type ApiKeyRow, apiKeyColumns, toApiKeyRecord } from './api-key-row.ts'

/** Whose a key is and what it may do. */
export interface VerifiedKey {
  readonly keyId: string
  /** Undefined for a key of the deployment. */
  readonly projectId: string | undefined
  readonly scopes: readonly string[]
  /** Until when that holds at most: the end of the key, or of this secret of it. */
  readonly expiresAt: Date | undefined
}

interface SecretsRow {
  readonly id: string
  readonly project_id: string | null
  readonly scopes: readonly string[]
  readonly secret_hash: Buffer
  readonly expires_at: Date | null
  readonly previous_secret_hash: Buffer | null
  readonly previous_secret_expires_at: Date | null
}

/** Answers in the order of the keys. */
export async function verifyApiKeys(
  db: CatalogDb,
  texts: readonly string[],
): Promise<readonly (VerifiedKey | undefined)[]> {
  const keys = texts.map(parseApiKey)
  const ids = [...new Set(keys.flatMap((key) => (key === undefined ? [] : [key.id])))]
  if (ids.length === 0) return texts.map(() => undefined)
  const { rows } = await sql<SecretsRow>`
    select
      id, project_id, scopes, secret_hash, expires_at, previous_secret_expires_at,
      case when previous_secret_expires_at > now() then previous_secret_hash end as previous_secret_hash
    from api_keys
    where id = any(${ids}::text[]) and revoked_at is null and (expires_at is null or expires_at > now())
  `.execute(db)
  const inForce = new Map(rows.map((row) => [row.id, row]))
  return keys.map((key) => {
    const row = key === undefined ? undefined : inForce.get(key.id)
    const end = key === undefined || row === undefined ? undefined : endOfSecret(key.secret, secretsOf(row))
    if (row === undefined || end === undefined) return undefined
    return { keyId: row.id, projectId: row.project_id ?? undefined, scopes: row.scopes, expiresAt: end.at }
  })
}

function secretsOf(row: SecretsRow) {
  const { previous_secret_hash: hash, previous_secret_expires_at: expiresAt } = row
  const previous = hash === null || expiresAt === null ? undefined : { hash, expiresAt }
  return { secretHash: row.secret_hash, expiresAt: row.expires_at ?? undefined, previous }
}

/** Stores a key of a project, and answers it as it is stored. */
export async function insertApiKey(
  db: CatalogDb,
  key: NewApiKeyFields & {
    readonly id: string
    readonly projectId: string
    readonly secretHash: Buffer
    readonly createdBy: string
  },
): Promise<ApiKeyRecord> {
  const { id, projectId, secretHash, name, scopes, expiresAt, createdBy } = key
  const { rows } = await sql<ApiKeyRow>`
    insert into api_keys (id, project_id, secret_hash, name, scopes, expires_at, created_by, updated_by)
    values (
      ${id}, ${projectId}, ${secretHash}, ${name}, ${scopes}::text[], ${expiresAt?.toISOString() ?? null},
      ${createdBy}, ${createdBy}
    )
    returning ${apiKeyColumns}
  `.execute(db)
  return toApiKeyRecord(rows[0] as ApiKeyRow)
}
