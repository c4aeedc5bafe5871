// The next version of a job, with its head, its secret and its entry in the audit log: one transaction, all of it or nothing.
//
// It is written only over the version that was decided on. Of two changes that meet, the second waits for the first, then
// changes no row and is decided again on what the first left: numbers follow each other without a gap, and no change is lost.
// Whether a new slug is free is decided by the unique index. Dying before the commit leaves the job as it was; dying after it
// leaves a change of which no news was sent, and which followers find by their cursor.

import type { VersionId } from '@strait/domain/ids'
import { isDeadlock } from '@strait/postgres/is-deadlock'
import { sql } from 'kysely'
import type { JobConfig, JobRecord } from '../../domain/jobs/job.ts'
import { searchedText } from '../../domain/searched-text.ts'
import { type AuditEntry, recordAudit } from '../audit/record-audit.ts'
import type { CatalogDb } from '../database.ts'
import { isSlugTaken } from '../slug-taken.ts'
import { goneBelonging } from './gone-belonging.ts'
import { toStoredConfig } from './job-row.ts'
import { changeWebhookSecret, type SecretToWrite } from './webhook-secrets.ts'

/** Everything that is stored of a new version. */
export interface VersionToWrite {
  readonly versionId: VersionId
  readonly config: JobConfig
  /** Whether it can serve the runs of the version before it. */
  readonly compatible: boolean
  readonly secret: SecretToWrite
  readonly by: string
  /** The entry for the audit log, from the job as it is then. */
  readonly audit: (after: JobRecord) => AuditEntry
}

/** What came of writing a version. */
export type WrittenVersion =
  | { readonly to: 'written'; readonly job: JobRecord }
  /** The job, or the group or environment that it gets, is no longer what was decided on, or another change was in the way. */
  | { readonly to: 'changed meanwhile' }
  | { readonly to: 'slug taken' }

/** Writes the version after `before`, if that is still the newest. */
export async function writeVersionIfNewest(
  db: CatalogDb,
  before: JobRecord,
  next: VersionToWrite,
): Promise<WrittenVersion> {
  try {
    return await db.transaction().execute(async (trx) => {
      const at = await writeHeadAndVersion(trx, before, next)
      if (at === undefined) return { to: 'changed meanwhile' }
      await changeWebhookSecret(trx, before.id, next.secret)
      const job: JobRecord = {
        ...before,
        version: before.version + 1,
        versionId: next.versionId,
        config: next.config,
        webhookSecretSet: next.secret.to === 'keep' ? before.webhookSecretSet : next.secret.to === 'replace',
        updatedBy: next.by,
        updatedAt: at,
      }
      await recordAudit(trx, [next.audit(job)])
      return { to: 'written', job }
    })
  } catch (error) {
    if (isSlugTaken(error, 'job_slugs_are_unique_in_a_project')) return { to: 'slug taken' }
    // Two jobs that take each other's slugs wait for each other, and so may one that changes its group while groups are deleted.
    if (goneBelonging(error) !== undefined || isDeadlock(error)) return { to: 'changed meanwhile' }
    throw error
  }
}

async function writeHeadAndVersion(
  trx: CatalogDb,
  { id, projectId, version }: JobRecord,
  { versionId, config, compatible, by }: VersionToWrite,
): Promise<Date | undefined> {
  const { rows } = await sql<{ at: Date }>`
    with head as (
      update jobs
      set slug = ${config.slug}, name = ${config.name}, description = ${config.description},
        searched = ${searchedText(config)}, cron = ${config.cron ?? null},
        group_id = ${config.groupId ?? null}, environment_id = ${config.environmentId ?? null},
        enabled = ${config.enabled}, tags = ${JSON.stringify(config.tags)},
        version = version + 1, changed = pg_current_xact_id(), updated_at = now()
      where id = ${id} and project_id = ${projectId} and version = ${version} and deleted_at is null
      returning id, version
    ), next_version as (
      insert into job_versions (job_id, version, version_id, config, compatible, created_by)
      select id, version, ${versionId}::text, ${toStoredConfig(config)}::jsonb, ${compatible}::boolean, ${by}::text from head
    )
    select now() as at from head
  `.execute(trx)
  return rows[0]?.at
}
