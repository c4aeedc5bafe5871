import { timestampFromDate } from '@bufbuild/protobuf/wkt'
import type { VerifyKeysRequest } from '@strait/contracts/catalog/v1/catalog_internal_service_pb'
import { type VerifiedKey, verifyApiKeys } from '../../store/keys/api-keys.ts'
import { batchOf, type InternalDeps } from './batch.ts'

/** Says whose keys are; a key that is not valid is answered empty. */
export function verifyKeys({ db, events }: InternalDeps) {
  return async (request: VerifyKeysRequest) => {
    const keys = batchOf('keys', request.keys)
    events.asked('verify_keys', keys.length)
    const verified = await verifyApiKeys(db, keys)
    return { keys: verified.map(writeKey) }
  }
}

function writeKey(key: VerifiedKey | undefined) {
  if (key === undefined) return {}
  const { keyId, projectId, scopes, expiresAt } = key
  return {
    valid: true,
    keyId,
    projectId,
    scopes: [...scopes],
    expiresAt: expiresAt && timestampFromDate(expiresAt),
  }
}
