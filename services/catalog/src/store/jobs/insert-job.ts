// A new job with its version 1 and its secret, in one statement: all of it or nothing. Whether the slug is free is decided
// by the unique constraint and nothing else, so of creates that run side by side exactly one gets it. Dying before the
// commit leaves nothing; dying after it leaves the whole job, and a second try with the same chosen slug is told so.

import type { JobId, ProjectId, VersionId } from '@strait/domain/ids'
import { sql } from 'kysely'
import type { JobConfig, JobRecord } from '../../domain/jobs/job.ts'
import { searchedText } from '../../domain/searched-text.ts'
import { type AuditEntry, recordAudit } from '../audit/record-audit.ts'
import type { CatalogDb } from '../database.ts'
import { toStoredConfig } from './job-row.ts'

/** Everything that is stored of a new job. */
export interface JobToInsert {
  readonly id: JobId
  readonly projectId: string
  readonly versionId: VersionId
  readonly config: JobConfig
  /** Sealed; undefined for a job without a secret. */
  readonly webhookSecret: Buffer | undefined
  readonly createdBy: string
}

/** Stores a job and its entry in the audit log, in one transaction, unless its slug is taken; undefined where it is. */
export async function createJobIfSlugIsFree(
  db: CatalogDb,
  job: JobToInsert,
  audit: (created: JobRecord) => AuditEntry,
): Promise<JobRecord | undefined> {
  return db.transaction().execute(async (trx) => {
    const at = await insertJobIfSlugIsFree(trx, job)
    if (at === undefined) return undefined
    const { webhookSecret, createdBy, ...stored } = job
    const created: JobRecord = {
      ...stored,
      projectId: stored.projectId as ProjectId,
      version: 1,
      webhookSecretSet: webhookSecret !== undefined,
      pausedAt: undefined,
      deletedAt: undefined,
      createdBy,
      createdAt: at,
      updatedBy: createdBy,
      updatedAt: at,
    }
    await recordAudit(trx, [audit(created)])
    return created
  })
}

/** Stores a job unless its slug is taken; answers when it was stored, or undefined. */
export async function insertJobIfSlugIsFree(db: CatalogDb, job: JobToInsert): Promise<Date | undefined> {
  const { id, projectId, versionId, config, webhookSecret = null, createdBy } = job
  const { rows } = await sql<{ created_at: Date }>`
    with head as (
      insert into jobs (
        id, project_id, slug, name, description, searched, cron, group_id, environment_id, enabled, tags, version, created_by
      )
      values (
        ${id}, ${projectId}, ${config.slug}, ${config.name}, ${config.description}, ${searchedText(config)}, ${config.cron ?? null},
        ${config.groupId ?? null}, ${config.environmentId ?? null}, ${config.enabled}, ${JSON.stringify(config.tags)}, 1,
        ${createdBy}
      )
      on conflict (project_id, slug) where deleted_at is null do nothing
      returning id, created_at
    ), first_version as (
      insert into job_versions (job_id, version, version_id, config, created_by)
      select id, 1, ${versionId}::text, ${toStoredConfig(config)}::jsonb, ${createdBy}::text from head
    ), secret as (
      insert into job_secrets (job_id, webhook_secret)
      select id, ${webhookSecret}::bytea from head where ${webhookSecret}::bytea is not null
    )
    select created_at from head
  `.execute(db)
  return rows[0]?.created_at
}
