// The Job message and the job, in both directions, by the schema: a field of the one is the field of the same name of the other.

import { create, type DescField, type MessageInitShape } from '@bufbuild/protobuf'
import { reflect } from '@bufbuild/protobuf/reflect'
import { timestampFromDate } from '@bufbuild/protobuf/wkt'
import { type Job, JobSchema } from '@strait/contracts/catalog/v1/job_pb'
import { effectiveOnLostAttempt, type JobConfig, type JobRecord } from '../../domain/jobs/job.ts'
import type { JobInput } from '../../domain/jobs/job-input.ts'

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
  const message = reflect(JobSchema, job)
  const given = inputFields.flatMap((field) => {
    if (!message.isSet(field)) return []
    const value = job[field.localName as keyof Job]
    return [[field.localName, field.fieldKind === 'enum' ? enumWord(field, Number(value)) : value] as const]
  })
  return Object.fromEntries(given)
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
  const entries = JobSchema.fields.flatMap((field) => {
    const value: unknown = config[field.localName as keyof JobConfig]
    if (value === undefined) return []
    return [[field.localName, field.fieldKind === 'enum' ? enumNumber(field, String(value)) : value]]
  })
  return Object.fromEntries(entries)
}

/** The lower-case word of an enum's value; its number in words where the schema knows none. */
function enumWord(field: DescField, number: number): string {
  const value = field.enum?.values.find((one) => one.number === number)
  return value?.localName.toLowerCase() ?? String(number)
}

function enumNumber(field: DescField, word: string): number {
  const value = field.enum?.values.find((one) => one.localName.toLowerCase() === word)
  if (value === undefined) throw new Error(`${field.name} has no value ${word}`)
  return value.number
}
