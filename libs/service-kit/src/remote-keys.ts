// API keys as the catalog knows them, asked by the services that do not keep them.

import type { Client } from '@connectrpc/connect'
import type { CatalogInternalService } from '@strait/contracts/catalog/v1/catalog_internal_service_pb'
import type { VerifyKeys } from './key-verifier.ts'

/** Verifies keys by asking the catalog. */
export function remoteKeys(catalog: Pick<Client<typeof CatalogInternalService>, 'verifyKeys'>): VerifyKeys {
  return async (keys) => {
    const answer = await catalog.verifyKeys({ keys: [...keys] })
    return answer.keys.map((key) =>
      key.valid ? { actor: `apikey:${key.keyId}`, projectId: key.projectId } : undefined,
    )
  }
}
