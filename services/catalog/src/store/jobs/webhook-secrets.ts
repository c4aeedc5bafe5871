// The secrets that sign webhooks: sealed under the project's data key, opened only here, for who may sign and to tell whether
// a change says another one. Of a secret that was replaced the one before is kept for its grace and signs too; whether that
// has passed is asked of the database's clock, and a secret that has passed may stay in its row until the next change.

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

/** What becomes of a job's secret. */
export type SecretToWrite =
  | { readonly to: 'keep' }
  | { readonly to: 'clear' }
  /** With the sealed secret, and for how long the one before signs too. */
  | { readonly to: 'replace'; readonly sealed: Buffer; readonly graceSecs: number }

/** Changes the secret of a job; `trx` is the transaction that makes its version. */
export async function changeWebhookSecret(
  trx: CatalogDb,
  jobId: string,
  change: SecretToWrite,
): Promise<void> {
  switch (change.to) {
    case 'keep':
      return
    case 'clear':
      await sql`delete from job_secrets where job_id = ${jobId}`.execute(trx)
      return
    case 'replace': {
      // Without a grace nothing of the secret before is kept.
      const hasGrace = sql`${change.graceSecs}::int4 > 0`
      await sql`
        insert into job_secrets as present (job_id, webhook_secret) values (${jobId}, ${change.sealed})
        on conflict (job_id) do update set
          webhook_secret = excluded.webhook_secret,
          previous_webhook_secret = case when ${hasGrace} then present.webhook_secret end,
          previous_expires_at = case when ${hasGrace} then now() + make_interval(secs => ${change.graceSecs}::int4) end
      `.execute(trx)
      return
    }
    default:
      change satisfies never
  }
}

interface SecretsRow {
  readonly id: string
  readonly project_id: string
  readonly webhook_secret: Buffer
  /** Null when there is none, or its time has passed. */
  readonly previous: Buffer | null
  readonly data_key: Buffer
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
  const { rows } = await sql<SecretsRow>`
    select j.id, j.project_id, s.webhook_secret, p.data_key,
      case when s.previous_expires_at > now() then s.previous_webhook_secret end as previous
    from job_secrets as s
    join jobs as j on j.id = s.job_id
    join projects as p on p.id = j.project_id
    where s.job_id = any(${ids}::uuid[])
  `.execute(db)
  const secrets = new Map(rows.map((row) => [row.id, openSecrets(masterKey, row)]))
  return jobIds.map((id) => secrets.get(id.toLowerCase()) ?? [])
}

function openSecrets(masterKey: MasterKey, row: SecretsRow): readonly string[] {
  const dataKey = openDataKey(masterKey, row.project_id, row.data_key)
  const sealed = row.previous === null ? [row.webhook_secret] : [row.webhook_secret, row.previous]
  return sealed.map((each) => open(dataKey, each, webhookSecretOf(row.project_id, row.id)).toString())
}
