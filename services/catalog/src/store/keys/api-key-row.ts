// How an API key is read for showing, in one shape for every statement. Its secrets are not among the columns.

import { sql } from 'kysely'
import type { ApiKeyRecord } from '../../domain/keys/api-key-record.ts'

/** A row as `apiKeyColumns` selects it. */
export interface ApiKeyRow {
  id: string
  project_id: string
  name: string
  scopes: string[]
  expires_at: Date | null
  revoked_at: Date | null
  /** Null once it has passed. */
  previous_secret_expires_at: Date | null
  revision: number
  created_by: string
  created_at: Date
  updated_by: string
  updated_at: Date
}

/** The columns of an ApiKeyRow. */
export const apiKeyColumns = sql`
  id, project_id, name, scopes, expires_at, revoked_at, revision, created_by, created_at, updated_by, updated_at,
  case when previous_secret_expires_at > now() then previous_secret_expires_at end as previous_secret_expires_at
`

/** Reads a row. */
export function toApiKeyRecord(row: ApiKeyRow): ApiKeyRecord {
  return {
    id: row.id,
    projectId: row.project_id,
    name: row.name,
    scopes: row.scopes,
    expiresAt: row.expires_at ?? undefined,
    revokedAt: row.revoked_at ?? undefined,
    previousSecretExpiresAt: row.previous_secret_expires_at ?? undefined,
    revision: row.revision,
    createdBy: row.created_by,
    createdAt: row.created_at,
    updatedBy: row.updated_by,
    updatedAt: row.updated_at,
  }
}
