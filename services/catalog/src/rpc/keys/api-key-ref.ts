// The key that a request names, and the refusals that changes of keys share.

import { Refusal, refuseFields } from '@strait/service-kit/refusal'
import { isApiKeyId } from '../../domain/keys/api-key.ts'
import type { ApiKeyRecord } from '../../domain/keys/api-key-record.ts'
import type { Refused } from '../../domain/keys/change-api-key.ts'
import type { CatalogDb } from '../../store/database.ts'
import { findApiKey } from '../../store/keys/find-api-keys.ts'
import type { KeyChange } from './key-audit.ts'

/** What changing keys needs. */
export interface KeyDeps {
  readonly db: CatalogDb
  /**
   * Tells metrics and the log of a change that was stored. When what others know of the key is no longer true, everybody
   * is told of that too, and this process has forgotten it before the call is answered.
   */
  readonly changed: (change: KeyChange, key: ApiKeyRecord, about: { by: string; forget: boolean }) => void
}

/** The id that a request names, refused where there is none. */
export function requireKeyId(id: string): string {
  if (id === '')
    throw refuseFields('FIELD_INVALID', [
      { field: 'key', description: 'is required: the id of an API key, the middle part of its text' },
    ])
  return id
}

/** The key that a request names; refused where the caller's project has no such key. */
export async function requireApiKey(db: CatalogDb, projectId: string, id: string): Promise<ApiKeyRecord> {
  return (await findApiKey(db, projectId, requireKeyId(id))) ?? refuseUnknown(id)
}

/** Refuses a key that the caller's project does not have. */
export function refuseUnknown(id: string): never {
  throw new Refusal('API_KEY_NOT_FOUND', 'the project has no such API key', {
    violations: [{ field: 'key', description: 'names no API key of this project' }],
    // What has not the form of an id may be a whole key, given by mistake: it is not repeated.
    metadata: isApiKeyId(id) ? { key: id } : {},
  })
}

/** Refuses a change that was decided against. */
export function refuseChange(refused: Refused): never {
  switch (refused.reason) {
    case 'API_KEY_REVOKED':
      throw new Refusal('API_KEY_REVOKED', 'the API key is revoked for ever; make another one')
    case 'ETAG_MISMATCH':
      throw new Refusal(
        'ETAG_MISMATCH',
        'the API key was changed meanwhile: read it again, and decide again',
        {
          violations: [{ field: 'etag', description: 'is not the one that the API key has now' }],
        },
      )
    case 'NOT_ALLOWED':
      throw new Refusal('NOT_ALLOWED', `the API key may do what your own may not: it has ${refused.scope}`, {
        metadata: { scope: refused.scope },
      })
  }
}
