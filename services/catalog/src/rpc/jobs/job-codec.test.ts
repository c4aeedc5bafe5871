import { create, type DescField, toJson } from '@bufbuild/protobuf'
import { reflect } from '@bufbuild/protobuf/reflect'
import { type Job, JobSchema, type OverlapPolicy, RetryStrategy } from '@strait/contracts/catalog/v1/job_pb'
import type { JobId, ProjectId, VersionId } from '@strait/domain/ids'
import { expect, test } from 'vitest'
import { checkJob } from '../../domain/jobs/check-job.ts'
import { actingFields, notYetSupported, outputOnlyFields } from '../../domain/not-yet-supported.ts'
import { readJob, writeJob, writeUnstoredJob } from './job-codec.ts'

const context = { projectId: 'p', targetProblem: () => undefined }

// One value, other than its default, for each field that acts; some need another field beside them.
const samples: Record<string, Parameters<typeof create<typeof JobSchema>>[1]> = {
  name: { name: 'Other' },
  slug: { slug: 'other' },
  description: { description: 'words' },
  cron: { cron: '*/5 * * * *' },
  cron_payload: { cronPayload: '{"a": 1.0}' },
  endpoint_url: { endpointUrl: 'https://other.example' },
  max_attempts: { maxAttempts: 7 },
  timeout_secs: { timeoutSecs: 7 },
  timezone: { timezone: 'Europe/Berlin' },
  default_run_metadata: { defaultRunMetadata: { ['__proto__']: 'kept', b: '' } },
  webhook_url: { webhookUrl: 'https://told.example' },
  webhook_secret: { webhookSecret: 'whsec_canary' },
  retry_strategy: { retryStrategy: RetryStrategy.LINEAR },
  retry_delays_secs: { retryStrategy: RetryStrategy.CUSTOM, retryDelaysSecs: [5, 7] },
}

function aJob(over: Parameters<typeof create<typeof JobSchema>>[1] = {}): Job {
  return create(JobSchema, { name: 'A job', endpointUrl: 'https://example.com', ...over })
}

function stored(message: Job): Job {
  const checked = checkJob(readJob(message), context)
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems))
  return writeUnstoredJob(checked.job.config, 'p', checked.job.webhookSecret !== undefined)
}

test('every field of the schema acts, is refused, or is filled in by the catalog, and the lists name no other', () => {
  const listed = [...actingFields, ...Object.keys(notYetSupported), ...outputOnlyFields]
  expect(listed.sort()).toEqual(JobSchema.fields.map((field) => field.name).sort())
})

test.each([...actingFields])('%s acts: what was given is checked, kept and shown', (name) => {
  const message = aJob(samples[name])
  const field = JobSchema.fields.find((one) => one.name === name) as DescField
  expect(reflect(JobSchema, message).isSet(field)).toBe(true)
  const shown = stored(message)
  if (name === 'webhook_secret') {
    expect(shown.webhookSecretSet).toBe(true)
    expect(JSON.stringify(toJson(JobSchema, shown))).not.toContain('canary')
  } else {
    expect(plain(shown, field)).toEqual(plain(message, field))
    expect(plain(shown, field)).not.toEqual(plain(stored(aJob()), field))
  }
})

test.each(Object.keys(notYetSupported))('%s does not act yet: set to something, it is refused', (name) => {
  const field = JobSchema.fields.find((one) => one.name === name) as DescField
  const message = aJob()
  setToSomething(message, field)
  expect(checkJob(readJob(message), context)).toEqual({
    ok: false,
    reason: 'NOT_YET_SUPPORTED',
    problems: [{ field: `job.${name}`, description: expect.stringContaining('does not act yet') }],
  })
})

test('what an answer shows of a field that does not act is accepted again', () => {
  const answer = stored(aJob())
  expect(toJson(JobSchema, answer)).toMatchObject({
    enabled: true,
    maxConcurrency: 0,
    versionPolicy: 'VERSION_POLICY_PIN',
    misfire: 'MISFIRE_POLICY_FIRE_ONCE',
    onLostAttempt: 'ON_LOST_ATTEMPT_RETRY',
    retryStrategy: 'RETRY_STRATEGY_EXPONENTIAL',
  })
  expect(stored(answer)).toEqual(answer)
})

test('a value that the schema has no word for is refused by its number', () => {
  for (const [field, over] of [
    ['job.retry_strategy', { retryStrategy: 99 as RetryStrategy }],
    ['job.overlap', { overlap: 99 as OverlapPolicy }],
  ] as const) {
    const checked = checkJob(readJob(aJob(over)), context)
    expect(checked.ok ? [] : checked.problems.map((problem) => problem.field)).toEqual([field])
  }
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
  const checked = checkJob(readJob(aJob()), context)
  if (!checked.ok) throw new Error('was refused')
  const at = new Date('2026-11-24T00:00:00.123Z')
  const job = writeJob({
    id: 'j' as JobId,
    projectId: 'p' as ProjectId,
    version: 2,
    versionId: 'ver_0123456789' as VersionId,
    config: checked.job.config,
    webhookSecretSet: true,
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
    createdBy: 'apikey:a',
    updatedBy: 'apikey:b',
    createdAt: '2026-11-24T00:00:00.123Z',
    updatedAt: '2026-11-24T00:00:00.123Z',
  })
})

function plain(message: Job, field: DescField): unknown {
  return message[field.localName as keyof Job]
}

/** Some value that is not the one that happens anyway. */
function setToSomething(message: Job, field: DescField): void {
  const target = message as unknown as Record<string, unknown>
  const [anyway] = notYetSupported[field.name] ?? []
  if (field.fieldKind === 'map') target[field.localName] = { key: 'value' }
  else if (field.fieldKind === 'list') target[field.localName] = [create(field.message!, {})]
  else if (field.fieldKind === 'enum')
    target[field.localName] = field.enum.values.find(
      (v) => v.number > 0 && v.localName.toLowerCase() !== anyway,
    )!.number
  else if (typeof anyway === 'boolean') target[field.localName] = !anyway
  else target[field.localName] = field.fieldKind === 'scalar' && field.scalar === 9 ? 'x' : 5
}
