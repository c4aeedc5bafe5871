import type { GetApiKeyRequest } from '@strait/contracts/catalog/v1/api_key_service_pb'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import { writeApiKey } from './api-key-codec.ts'
import { type KeyDeps, requireApiKey } from './api-key-ref.ts'

/** Answers a key of the caller's project, a revoked one too. */
export function getApiKey({ db }: Pick<KeyDeps, 'db'>) {
  return async ({ key }: GetApiKeyRequest, { caller }: Call) => ({
    apiKey: writeApiKey(await requireApiKey(db, caller.projectId, key)),
  })
}
