import type { RevokeApiKeyRequest } from '@strait/contracts/catalog/v1/api_key_service_pb'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import { revokeApiKey as revoke } from '../../store/keys/change-api-key.ts'
import { writeApiKey } from './api-key-codec.ts'
import { type KeyDeps, refuseUnknown, requireKeyId } from './api-key-ref.ts'

/** Ends a key for ever, whatever it may do: whoever manages keys can always stop one. */
export function revokeApiKey({ db, changed }: KeyDeps) {
  return async (request: RevokeApiKeyRequest, { caller: { projectId, actor: by } }: Call) => {
    const id = requireKeyId(request.key)
    const revoked = (await revoke(db, { projectId, id }, by)) ?? refuseUnknown(id)
    if (revoked.ended) changed('revoked', revoked.key, { by, forget: true })
    return { apiKey: writeApiKey(revoked.key) }
  }
}
