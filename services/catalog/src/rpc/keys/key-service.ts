import { ApiKeyService } from '@strait/contracts/catalog/v1/api_key_service_pb'
import { type RpcService, rpcService } from '@strait/service-kit/rpc/rpc-service'
import type { PageTokens } from '../../domain/page-token.ts'
import type { KeyDeps } from './api-key-ref.ts'
import { createApiKey } from './create-api-key.ts'
import { getApiKey } from './get-api-key.ts'
import { listApiKeys } from './list-api-keys.ts'
import { revokeApiKey } from './revoke-api-key.ts'
import { rotateApiKey } from './rotate-api-key.ts'
import { updateApiKey } from './update-api-key.ts'

/** The keys of a project. */
export function apiKeyService(deps: KeyDeps & { readonly tokens: PageTokens }): RpcService {
  return rpcService(ApiKeyService, {
    createApiKey: createApiKey(deps),
    getApiKey: getApiKey(deps),
    listApiKeys: listApiKeys(deps),
    updateApiKey: updateApiKey(deps),
    rotateApiKey: rotateApiKey(deps),
    revokeApiKey: revokeApiKey(deps),
  })
}
