// The secrets that sign webhooks: sealed under the project's data key, opened only here and only for who may sign.

import { isUuid } from '@strait/domain/ids'
import { sql } from 'kysely'
import type { CatalogDb } from '../database.ts'
import { type MasterKey, open, openDataKey, seal, webhookSecretOf } from '../secrets/secret-box.ts'

/** Seals a webhook secret for the job it will belong to. */
export async function sealWebhookSecret(
  db: CatalogDb,
  masterKey: MasterKey,
  owner: { readonly projectId: string; readonly jobId: string },
  secret: string,
): Promise<Buffer> {
  const project = await db
    .selectFrom('projects')
    .select('data_key')
    .where('id', '=', owner.projectId)
    .executeTakeFirstOrThrow()
  const dataKey = openDataKey(masterKey, owner.projectId, project.data_key)
  return seal(dataKey, Buffer.from(secret), webhookSecretOf(owner.projectId, owner.jobId))
}

/**
 * The secrets of jobs, newest first, in the order of the ids; none for a job that has none or does not exist. A secret
 * that does not open is a fault and fails the whole question: to sign nothing instead would be taken for a job without one.
 */
export async function findWebhookSecrets(
  db: CatalogDb,
  masterKey: MasterKey,
  jobIds: readonly string[],
): Promise<readonly (readonly string[])[]> {
  const ids = [...new Set(jobIds.filter(isUuid).map((id) => id.toLowerCase()))]
  const { rows } = await sql<{ id: string; project_id: string; webhook_secret: Buffer; data_key: Buffer }>`
    select j.id, j.project_id, s.webhook_secret, p.data_key
    from job_secrets as s
    join jobs as j on j.id = s.job_id
    join projects as p on p.id = j.project_id
    where s.job_id = any(${ids}::uuid[])
  `.execute(db)
  const secrets = new Map(
    rows.map((row) => {
      const dataKey = openDataKey(masterKey, row.project_id, row.data_key)
      return [row.id, open(dataKey, row.webhook_secret, webhookSecretOf(row.project_id, row.id)).toString()]
    }),
  )
  return jobIds.map((id) => {
    const secret = secrets.get(id.toLowerCase())
    return secret === undefined ? [] : [secret]
  })
}
