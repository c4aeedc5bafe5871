import { ApiKeySchema } from '@strait/contracts/catalog/v1/api_key_pb'
import type { ApiKeyRecord } from '../../domain/keys/api-key-record.ts'
import type { AuditEntry } from '../../store/audit/record-audit.ts'
import { auditText } from '../audit-text.ts'
import { writeApiKey } from './api-key-codec.ts'

/** How a key changed. */
export type KeyChange = 'created' | 'updated' | 'rotated' | 'revoked'

/** What the audit log says of a changed key: the key as it is shown, without its secrets or anything made from them. */
export function keyAudit(
  change: KeyChange,
  key: ApiKeyRecord,
  { actor, before }: { readonly actor: string; readonly before?: ApiKeyRecord },
): AuditEntry {
  const text = (record: ApiKeyRecord) => auditText(ApiKeySchema, writeApiKey(record))
  return {
    projectId: key.projectId,
    actor,
    action: `api_key.${change}`,
    resourceId: key.id,
    before: before && text(before),
    after: text(key),
  }
}
