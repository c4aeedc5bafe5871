import type { RevokeApiKeyRequest } from '@strait/contracts/catalog/v1/api_key_service_pb'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import { recordAudit } from '../../store/audit/record-audit.ts'
import { revokeApiKey as revoke } from '../../store/keys/change-api-key.ts'
import { writeApiKey } from './api-key-codec.ts'
import { type KeyDeps, refuseUnknown, requireKeyId } from './api-key-ref.ts'
import { keyAudit } from './key-audit.ts'

/** Ends a key for ever, whatever it may do: whoever manages keys can always stop one. */
export function revokeApiKey({ db, changed }: KeyDeps) {
  return async (request: RevokeApiKeyRequest, { caller: { projectId, actor: by } }: Call) => {
    const id = requireKeyId(request.key)
    const { key, before } = await db.transaction().execute(async (trx) => {
      const revoked = (await revoke(trx, { projectId, id }, by)) ?? refuseUnknown(id)
      const { before } = revoked
      if (before !== undefined)
        await recordAudit(trx, [keyAudit('revoked', by, { before, after: revoked.key })])
      return revoked
    })
    if (before !== undefined) changed('revoked', key, { by, forget: true })
    return { apiKey: writeApiKey(key) }
  }
}
