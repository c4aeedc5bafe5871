// API keys as the catalog knows them, asked by the services that do not keep them.

import { timestampMs } from '@bufbuild/protobuf/wkt'
import type { Client } from '@connectrpc/connect'
import type { CatalogInternalService } from '@strait/contracts/catalog/v1/catalog_internal_service_pb'
import { keyCaller } from './access.ts'
import type { VerifyKeys } from './key-verifier.ts'

/** Verifies keys by asking the catalog. */
export function remoteKeys(catalog: Pick<Client<typeof CatalogInternalService>, 'verifyKeys'>): VerifyKeys {
  return async (keys) => {
    const answer = await catalog.verifyKeys({ keys: [...keys] })
    return answer.keys.map(({ valid, keyId, projectId, scopes, expiresAt }) =>
      valid
        ? {
            caller: keyCaller({ keyId, projectId: projectId === '' ? undefined : projectId, scopes }),
            endsAt: expiresAt === undefined ? undefined : timestampMs(expiresAt),
          }
        : undefined,
    )
  }
}
