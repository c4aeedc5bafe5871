// The Job message and the job, in both directions, by the schema: a field of the one is the field of the same name of the other.

import { create, type DescField, type MessageInitShape } from '@bufbuild/protobuf'
import { timestampFromDate } from '@bufbuild/protobuf/wkt'
import { type Job, JobSchema } from '@strait/contracts/catalog/v1/job_pb'
import { effectiveOnLostAttempt, type JobConfig, type JobRecord } from '../../domain/jobs/job.ts'
import type { JobInput } from '../../domain/jobs/job-input.ts'
import { readPlain, writePlain } from '../plain-message.ts'

/** The fields that the catalog fills in; what a creator puts there is ignored. */
export const outputOnlyFields: ReadonlySet<string> = new Set([
  'id',
  'webhook_secret_set',
  'version',
  'version_id',
  'created_by',
  'updated_by',
  'created_at',
  'updated_at',
  'paused_at',
  'deleted_at',
  'webhook_secret_revision',
])

/** The fields that a creator gives, in the order of the schema. */
export const inputFields: readonly DescField[] = JobSchema.fields.filter(
  ({ name }) => !outputOnlyFields.has(name),
)

/** Reads a job as its creator gave it. */
export function readJob(job: Job): JobInput {
  return readPlain(JobSchema, job, inputFields)
}

/** Writes a stored job. */
export function writeJob(job: JobRecord): Job {
  return create(JobSchema, {
    ...writeConfig(shown(job.config)),
    id: job.id,
    projectId: job.projectId,
    webhookSecretSet: job.webhookSecretSet,
    version: job.version,
    versionId: job.versionId,
    createdBy: job.createdBy,
    updatedBy: job.updatedBy,
    createdAt: timestampFromDate(job.createdAt),
    updatedAt: timestampFromDate(job.updatedAt),
    ...(job.pausedAt && { pausedAt: timestampFromDate(job.pausedAt) }),
    ...(job.deletedAt && { deletedAt: timestampFromDate(job.deletedAt) }),
  })
}

/** Writes a job that was checked and not stored: what has no id has no version and no times. */
export function writeUnstoredJob(config: JobConfig, projectId: string, webhookSecretSet: boolean): Job {
  return create(JobSchema, { ...writeConfig(shown(config)), projectId, webhookSecretSet })
}

/** A configuration as callers see it: with what happens where they said nothing. */
function shown(config: JobConfig): JobConfig {
  return { ...config, onLostAttempt: effectiveOnLostAttempt(config) }
}

/** Writes the fields of a configuration that are set. */
export function writeConfig(config: Partial<JobConfig>): MessageInitShape<typeof JobSchema> {
  return writePlain(JobSchema, config)
}
