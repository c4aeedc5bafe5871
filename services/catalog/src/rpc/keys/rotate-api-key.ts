// RotateApiKey: of two rotations that meet, the second comes after the first, and both tokens that were answered work as if
// one had been made after the other.

import type { RotateApiKeyRequest } from '@strait/contracts/catalog/v1/api_key_service_pb'
import { refuseFields } from '@strait/service-kit/refusal'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import { formatApiKey, hashApiKeySecret } from '../../domain/keys/api-key.ts'
import { decideRotation } from '../../domain/keys/change-api-key.ts'
import { graceProblem } from '../../domain/keys/check-grace.ts'
import { newApiKeySecret } from '../../new-api-key.ts'
import { recordAudit } from '../../store/audit/record-audit.ts'
import { rotateApiKeyIfUnchanged } from '../../store/keys/change-api-key.ts'
import { requireWaiting } from '../require-waiting.ts'
import { writeApiKey } from './api-key-codec.ts'
import { type KeyDeps, refuseChange, requireApiKey, requireKeyId } from './api-key-ref.ts'
import { keyAudit } from './key-audit.ts'

const defaultGraceSecs = 86_400

/** Gives a key a new secret; the one before works on for the grace. */
export function rotateApiKey({ db, changed }: KeyDeps) {
  return async (request: RotateApiKeyRequest, call: Call) => {
    const { projectId, actor: by, scopes: own } = call.caller
    const { graceSecs = defaultGraceSecs } = request
    const id = requireKeyId(request.key)
    const problem = graceProblem(graceSecs)
    if (problem !== undefined)
      throw refuseFields('FIELD_INVALID', [{ field: 'grace_secs', description: problem }])
    const secret = newApiKeySecret()
    for (;;) {
      requireWaiting(call)
      const before = await requireApiKey(db, projectId, id)
      const decision = decideRotation(before, own)
      if (decision.to === 'refuse') return refuseChange(decision)
      const change = { secretHash: hashApiKeySecret(secret), graceSecs, by }
      const key = await db.transaction().execute(async (trx) => {
        const rotated = await rotateApiKeyIfUnchanged(trx, before, change)
        if (rotated !== undefined)
          await recordAudit(trx, [keyAudit('rotated', by, { before, after: rotated })])
        return rotated
      })
      if (key === undefined) continue
      changed('rotated', key, { by, forget: true })
      return { apiKey: writeApiKey(key), token: formatApiKey({ id, secret }) }
    }
  }
}
