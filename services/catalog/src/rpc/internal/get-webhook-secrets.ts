import type { GetWebhookSecretsRequest } from '@strait/contracts/catalog/v1/catalog_internal_service_pb'
import { findWebhookSecrets } from '../../store/jobs/webhook-secrets.ts'
import type { MasterKey } from '../../store/secrets/secret-box.ts'
import { batchOf, type InternalDeps } from './batch.ts'

/** Gives the secrets that sign jobs' webhooks, as they are now. */
export function getWebhookSecrets({
  db,
  events,
  masterKey,
}: InternalDeps & { readonly masterKey: MasterKey }) {
  return async (request: GetWebhookSecretsRequest) => {
    const jobIds = batchOf('job_ids', request.jobIds)
    events.asked('get_webhook_secrets', jobIds.length)
    const secrets = await findWebhookSecrets(db, masterKey, jobIds)
    return { secrets: secrets.map((each) => ({ secrets: [...each] })) }
  }
}
