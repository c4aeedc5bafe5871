import { CatalogInternalService } from '@strait/contracts/catalog/v1/catalog_internal_service_pb'
import { type RpcService, rpcService } from '@strait/service-kit/rpc/rpc-service'
import type { CatalogDb } from '../../store/database.ts'
import type { MasterKey } from '../../store/secrets/secret-box.ts'
import type { InternalDeps } from './batch.ts'
import { getEnvironmentValues } from './get-environment-values.ts'
import { getHeads } from './get-heads.ts'
import { getJobVersions } from './get-job-versions.ts'
import { getWebhookSecrets } from './get-webhook-secrets.ts'
import { getWorkflowVersions } from './get-workflow-versions.ts'
import { headsChanged } from './heads-changed.ts'
import { listVersionSteps } from './list-version-steps.ts'
import { verifyKeys } from './verify-keys.ts'

/** What the other services ask of the catalog. Followers have a database of their own, so that nobody waits for them nor they for users. */
export function internalService(
  deps: InternalDeps & { readonly headsDb: CatalogDb; readonly masterKey: MasterKey },
): RpcService {
  const forFollowers = { ...deps, db: deps.headsDb }
  return rpcService(CatalogInternalService, {
    verifyKeys: verifyKeys(deps),
    getJobVersions: getJobVersions(deps),
    headsChanged: headsChanged(forFollowers),
    getHeads: getHeads(forFollowers),
    listVersionSteps: listVersionSteps(deps),
    getWorkflowVersions: getWorkflowVersions(deps),
    getWebhookSecrets: getWebhookSecrets(deps),
    getEnvironmentValues: getEnvironmentValues(deps),
  })
}
