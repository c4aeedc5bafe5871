import { ApiKeySchema } from '@strait/contracts/catalog/v1/api_key_pb'
import type { ApiKeyRecord } from '../../domain/keys/api-key-record.ts'
import { entriesOf } from '../audit-entry.ts'
import { auditText } from '../audit-text.ts'
import { writeApiKey } from './api-key-codec.ts'

/** How a key changed. */
export type KeyChange = 'created' | 'updated' | 'rotated' | 'revoked'

/** The entry of a change of a key for the audit log: the key as it is shown, without its secrets or anything made from them. */
export const keyAudit = entriesOf<KeyChange, ApiKeyRecord>(
  'api_key',
  (key) => key.projectId,
  (key) => auditText(ApiKeySchema, writeApiKey(key)),
)
