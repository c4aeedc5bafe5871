import type { CreateApiKeyRequest } from '@strait/contracts/catalog/v1/api_key_service_pb'
import { Refusal, refuseFields } from '@strait/service-kit/refusal'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import { formatApiKey, hashApiKeySecret } from '../../domain/keys/api-key.ts'
import { checkNewApiKey } from '../../domain/keys/check-new-api-key.ts'
import { newApiKey } from '../../new-api-key.ts'
import { recordAudit } from '../../store/audit/record-audit.ts'
import { insertApiKey } from '../../store/keys/api-keys.ts'
import { readApiKey, writeApiKey } from './api-key-codec.ts'
import type { KeyDeps } from './api-key-ref.ts'
import { keyAudit } from './key-audit.ts'

/** Makes a key of the caller's project. Its text is in the answer and nowhere else. */
export function createApiKey({ db, changed }: KeyDeps) {
  return async ({ apiKey }: CreateApiKeyRequest, { caller }: Call) => {
    if (apiKey === undefined)
      throw refuseFields('FIELD_INVALID', [{ field: 'api_key', description: 'is required' }])
    const checked = checkNewApiKey(readApiKey(apiKey), caller.scopes, new Date())
    if (!checked.ok) {
      if (checked.reason === 'FIELD_INVALID') throw refuseFields('FIELD_INVALID', checked.problems)
      throw new Refusal('NOT_ALLOWED', 'nobody gives a scope that the own key lacks', {
        violations: checked.problems,
        metadata: { scope: checked.scope },
      })
    }
    const { projectId, actor } = caller
    const { id, secret } = newApiKey()
    const secretHash = hashApiKeySecret(secret)
    const key = await db.transaction().execute(async (trx) => {
      const stored = await insertApiKey(trx, { ...checked.key, id, projectId, secretHash, createdBy: actor })
      await recordAudit(trx, [keyAudit('created', actor, { after: stored })])
      return stored
    })
    changed('created', key, { by: actor, forget: false })
    return { apiKey: writeApiKey(key), token: formatApiKey({ id, secret }) }
  }
}
