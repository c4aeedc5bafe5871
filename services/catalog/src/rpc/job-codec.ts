// The Job message and the job, in both directions. Fields that do not act yet are shown with the value that acts anyway,
// taken from the one list of them, so that an answer is the whole truth.

import { create, type DescField, isFieldSet, type MessageInitShape } from '@bufbuild/protobuf'
import { type ReflectMessage, reflect } from '@bufbuild/protobuf/reflect'
import { timestampFromDate } from '@bufbuild/protobuf/wkt'
import { type Job, JobSchema } from '@strait/contracts/catalog/v1/job_pb'
import type { JobConfig, JobRecord } from '../domain/job.ts'
import type { GivenValue, JobInput } from '../domain/job-input.ts'
import { notYetSupported } from '../domain/not-yet-supported.ts'

/** Reads a job as its creator gave it. */
export function readJob(job: Job): JobInput {
  const message = reflect(JobSchema, job)
  const given = JobSchema.fields
    .filter((field) => message.isSet(field))
    .map((field) => [field.name, givenValue(message, field)] as const)
  return {
    projectId: job.projectId === '' ? undefined : job.projectId,
    name: job.name,
    slug: job.slug,
    description: job.description,
    cron: job.cron,
    cronPayload: job.cronPayload,
    timezone: job.timezone,
    endpointUrl: job.endpointUrl,
    maxAttempts: job.maxAttempts,
    timeoutSecs: job.timeoutSecs,
    defaultRunMetadata: job.defaultRunMetadata,
    webhookUrl: job.webhookUrl,
    webhookSecret: job.webhookSecret,
    retryStrategy: isFieldSet(job, JobSchema.field.retryStrategy)
      ? enumWord(JobSchema.field.retryStrategy, job.retryStrategy)
      : undefined,
    retryDelaysSecs: job.retryDelaysSecs,
    given: new Map(given),
  }
}

/** Writes a stored job. */
export function writeJob(job: JobRecord): Job {
  return create(JobSchema, {
    ...writeConfig(job.config),
    id: job.id,
    projectId: job.projectId,
    webhookSecretSet: job.webhookSecretSet,
    version: job.version,
    versionId: job.versionId,
    createdBy: job.createdBy,
    updatedBy: job.updatedBy,
    createdAt: timestampFromDate(job.createdAt),
    updatedAt: timestampFromDate(job.updatedAt),
  })
}

/** Writes a job that was checked and not stored: what has no id has no version and no times. */
export function writeUnstoredJob(config: JobConfig, projectId: string, webhookSecretSet: boolean): Job {
  return create(JobSchema, { ...writeConfig(config), projectId, webhookSecretSet })
}

function writeConfig(config: JobConfig): MessageInitShape<typeof JobSchema> {
  const { retryStrategy, retryDelaysSecs, defaultRunMetadata, ...plain } = config
  return {
    ...valuesOfInactiveFields,
    ...plain,
    retryStrategy: enumNumber(JobSchema.field.retryStrategy, retryStrategy),
    retryDelaysSecs: [...retryDelaysSecs],
    defaultRunMetadata: { ...defaultRunMetadata },
  }
}

const valuesOfInactiveFields: MessageInitShape<typeof JobSchema> = Object.fromEntries(
  JobSchema.fields.flatMap((field) => {
    const [value] = notYetSupported[field.name] ?? []
    if (value === undefined) return []
    return [[field.localName, field.fieldKind === 'enum' ? enumNumber(field, String(value)) : value]]
  }),
)

function givenValue(message: ReflectMessage, field: DescField): GivenValue {
  const value: unknown = message.get(field)
  if (field.fieldKind === 'enum') return enumWord(field, Number(value)) ?? Number(value)
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? value
    : undefined
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
