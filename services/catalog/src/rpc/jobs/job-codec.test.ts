import { create, toJson } from '@bufbuild/protobuf'
import { type Job, JobSchema, type OverlapPolicy } from '@strait/contracts/catalog/v1/job_pb'
import type { JobId, ProjectId, VersionId } from '@strait/domain/ids'
import { expect, test } from 'vitest'
import { inConnectJson } from '../../../test/job-doors.ts'
import { jobFields } from '../../../test/job-fields.ts'
import { checkJob } from '../../domain/jobs/check-job.ts'
import type { JobInput } from '../../domain/jobs/job-input.ts'
import { inputFields, outputOnlyFields, readJob, writeJob, writeUnstoredJob } from './job-codec.ts'

const context = {
  projectId: 'p',
  targetProblem: () => undefined,
  known: { group: true, environment: true },
  now: new Date('2026-03-01T00:00:00Z'),
}

function aJob(over: Parameters<typeof create<typeof JobSchema>>[1] = {}): Job {
  return create(JobSchema, { name: 'A job', endpointUrl: 'https://example.com', ...over })
}

function checked(input: JobInput) {
  const result = checkJob(input, context)
  if (!result.ok) throw new Error(JSON.stringify(result.problems))
  return result.job
}

function stored(message: Job): Job {
  const { config, webhookSecret } = checked(readJob(message))
  return writeUnstoredJob(config, 'p', webhookSecret !== undefined)
}

test('every field of the schema is given or filled in by the catalog, and what is given is in the table of cases', () => {
  const names = JobSchema.fields.map((field) => field.name)
  expect([...Object.keys(jobFields), ...outputOnlyFields].sort()).toEqual(names.sort())
  expect(inputFields.map((field) => field.name)).toEqual(Object.keys(jobFields))
})

const goods = Object.entries(jobFields).flatMap(([field, { good }]) =>
  good.map((fields) => [field, fields] as const),
)

test.each(goods)('%s: what was given is read, kept and shown (%#)', (_, fields) => {
  const message = aJob(inConnectJson.toMessage(fields))
  expect(readJob(message)).toMatchObject(fields)
  const { webhookSecret, ...shown } = fields
  expect(inConnectJson.fromMessage(stored(message), Object.keys(fields))).toEqual(shown)
  if (webhookSecret !== undefined) {
    expect(stored(message).webhookSecretSet).toBe(true)
    expect(JSON.stringify(toJson(JobSchema, stored(message)))).not.toContain(webhookSecret)
  }
})

test('what an answer shows is accepted again and changes nothing', () => {
  const answer = stored(aJob({ maxConcurrency: 5 }))
  expect(toJson(JobSchema, answer)).toMatchObject({
    enabled: true,
    versionPolicy: 'VERSION_POLICY_PIN',
    misfire: 'MISFIRE_POLICY_FIRE_ONCE',
    onLostAttempt: 'ON_LOST_ATTEMPT_HOLD',
    retryStrategy: 'RETRY_STRATEGY_EXPONENTIAL',
  })
  expect(stored(answer)).toEqual(answer)
})

test('a value that the schema has no word for is read as its number', () => {
  expect(readJob(aJob({ overlap: 99 as OverlapPolicy })).overlap).toBe('99')
})

test('what only the catalog may say is ignored', () => {
  const ignored = aJob({
    id: 'x',
    version: 9,
    versionId: 'x',
    createdBy: 'me',
    updatedBy: 'me',
    webhookSecretSet: true,
  })
  expect(stored(ignored)).toEqual(stored(aJob()))
})

test('a stored job is shown with all that the catalog knows', () => {
  const at = new Date('2026-11-24T00:00:00.123Z')
  const job = writeJob({
    id: 'j' as JobId,
    projectId: 'p' as ProjectId,
    version: 2,
    versionId: 'ver_0123456789' as VersionId,
    config: checked(readJob(aJob())).config,
    webhookSecretSet: true,
    pausedAt: at,
    deletedAt: at,
    createdBy: 'apikey:a',
    createdAt: at,
    updatedBy: 'apikey:b',
    updatedAt: at,
  })
  expect(toJson(JobSchema, job)).toMatchObject({
    id: 'j',
    projectId: 'p',
    slug: 'a-job',
    version: 2,
    versionId: 'ver_0123456789',
    webhookSecretSet: true,
    pausedAt: '2026-11-24T00:00:00.123Z',
    deletedAt: '2026-11-24T00:00:00.123Z',
    createdBy: 'apikey:a',
    updatedBy: 'apikey:b',
    createdAt: '2026-11-24T00:00:00.123Z',
    updatedAt: '2026-11-24T00:00:00.123Z',
  })
})
