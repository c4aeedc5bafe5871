// The ApiKey message and the key, in both directions.

import { create } from '@bufbuild/protobuf'
import { timestampFromDate } from '@bufbuild/protobuf/wkt'
import { type ApiKey, ApiKeySchema } from '@strait/contracts/catalog/v1/api_key_pb'
import { etagOf } from '../../domain/etag.ts'
import type { ApiKeyRecord } from '../../domain/keys/api-key-record.ts'
import type { ApiKeyInput } from '../../domain/keys/check-new-api-key.ts'

/** The names of all fields of a key. */
export const apiKeyFields: ReadonlySet<string> = new Set(ApiKeySchema.fields.map((field) => field.name))

/** Reads a key as its creator gave it; what only the catalog may say is ignored. */
export function readApiKey({ name, scopes, expiresAt }: ApiKey): ApiKeyInput {
  return { name, scopes, expiresAt }
}

/** Writes a stored key. */
export function writeApiKey(key: ApiKeyRecord): ApiKey {
  return create(ApiKeySchema, {
    id: key.id,
    projectId: key.projectId,
    name: key.name,
    scopes: [...key.scopes],
    expiresAt: key.expiresAt && timestampFromDate(key.expiresAt),
    revokedAt: key.revokedAt && timestampFromDate(key.revokedAt),
    previousSecretExpiresAt: key.previousSecretExpiresAt && timestampFromDate(key.previousSecretExpiresAt),
    etag: etagOf(key),
    createdBy: key.createdBy,
    createdAt: timestampFromDate(key.createdAt),
    updatedBy: key.updatedBy,
    updatedAt: timestampFromDate(key.updatedAt),
  })
}
