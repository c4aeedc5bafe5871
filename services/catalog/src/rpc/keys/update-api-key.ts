// UpdateApiKey: check, read, decide, write what was decided on. When somebody else's change came first, the decision is taken
// again on what that one left; each turn that is lost was another's change, so the turns end.

import type { UpdateApiKeyRequest } from '@strait/contracts/catalog/v1/api_key_service_pb'
import { refuseFields } from '@strait/service-kit/refusal'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import { etagProblems } from '../../domain/check-mask.ts'
import { decideUpdate } from '../../domain/keys/change-api-key.ts'
import { checkApiKeyPatch } from '../../domain/keys/check-api-key-patch.ts'
import { recordAudit } from '../../store/audit/record-audit.ts'
import { updateApiKeyIfUnchanged } from '../../store/keys/change-api-key.ts'
import { requireWaiting } from '../require-waiting.ts'
import { apiKeyFields, readApiKey, writeApiKey } from './api-key-codec.ts'
import { type KeyDeps, refuseChange, requireApiKey, requireKeyId } from './api-key-ref.ts'
import { keyAudit } from './key-audit.ts'

/** Changes a key's name or end. */
export function updateApiKey({ db, changed }: KeyDeps) {
  return async (request: UpdateApiKeyRequest, call: Call) => {
    const { projectId, actor: by, scopes: own } = call.caller
    const id = requireKeyId(request.key)
    const patch = readPatch(request)
    for (;;) {
      requireWaiting(call)
      const before = await requireApiKey(db, projectId, id)
      const decision = decideUpdate(before, patch, { own, etag: request.etag })
      if (decision.to === 'refuse') return refuseChange(decision)
      if (decision.to === 'keep') return { apiKey: writeApiKey(before) }
      const key = await db.transaction().execute(async (trx) => {
        const updated = await updateApiKeyIfUnchanged(trx, before, { ...decision, by })
        if (updated !== undefined)
          await recordAudit(trx, [keyAudit('updated', by, { before, after: updated })])
        return updated
      })
      if (key === undefined) continue
      changed('updated', key, { by, forget: decision.endMoved })
      return { apiKey: writeApiKey(key) }
    }
  }
}

function readPatch({ apiKey, updateMask, etag }: UpdateApiKeyRequest) {
  const input = { key: apiKey && readApiKey(apiKey), mask: updateMask?.paths }
  const checked = checkApiKeyPatch(input, apiKeyFields)
  const problems = [...(checked.ok ? [] : checked.problems), ...etagProblems(etag)]
  if (!checked.ok || problems.length > 0) throw refuseFields('FIELD_INVALID', problems)
  return checked.patch
}
