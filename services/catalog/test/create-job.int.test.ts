import { toJson } from '@bufbuild/protobuf'
import { JobSchema, RetryStrategy } from '@strait/contracts/catalog/v1/job_pb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AppBundle, aJob, anotherProject, openApp } from './app-bundle.ts'
import { refusalOf } from './refusal.ts'

let app: AppBundle
beforeAll(async () => {
  app = await openApp()
})
afterAll(() => app[Symbol.asyncDispose]())

test('a job is stored with its defaults and answered by its id and by its slug', async () => {
  const { job } = await app.jobs.createJob({ job: { ...aJob, name: 'Nightly Report' } })
  expect(toJson(JobSchema, job!)).toMatchObject({
    id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
    projectId: app.store.projectId,
    name: 'Nightly Report',
    slug: 'nightly-report',
    cronPayload: '{}',
    timezone: 'UTC',
    maxAttempts: 3,
    timeoutSecs: 300,
    retryStrategy: 'RETRY_STRATEGY_EXPONENTIAL',
    enabled: true,
    version: 1,
    versionId: expect.stringMatching(/^ver_[0-9a-z]{10}$/),
    createdBy: expect.stringMatching(/^apikey:[0-9a-z]{12}$/),
  })
  expect((await app.jobs.getJob({ job: job!.id })).job).toEqual(job)
  expect((await app.jobs.getJob({ job: job!.id.toUpperCase() })).job).toEqual(job)
  expect((await app.jobs.getJob({ job: 'nightly-report' })).job).toEqual(job)
})

test('every kind of field comes back as it was given, JSON text byte for byte', async () => {
  const given = {
    ...aJob,
    name: 'Größe 😀',
    slug: 'every-field',
    description: 'words\n',
    cron: '*/5 9-17 * * MON-FRI',
    cronPayload: '{ "n": 9007199254740993, "z": 1.0, "a": "\\u00e9é" }',
    timezone: 'Europe/Berlin',
    maxAttempts: 7,
    timeoutSecs: 60,
    defaultRunMetadata: { ['__proto__']: 'kept', team: '' },
    webhookUrl: 'https://example.com/told',
    webhookSecret: 'whsec_canary',
    retryStrategy: RetryStrategy.CUSTOM,
    retryDelaysSecs: [1, 604_800],
  }
  const { webhookSecret: _, ...shown } = given
  const { job } = await app.jobs.createJob({ job: given })
  expect(job).toMatchObject(shown)
  expect((await app.jobs.getJob({ job: 'every-field' })).job).toEqual(job)
  expect(job?.webhookSecretSet).toBe(true)
  expect(job?.webhookSecret).toBeUndefined()
})

test('JSON over Connect gives the same job, under either spelling of a field', async () => {
  const answer = await app.post('JobService/CreateJob', {
    job: { name: 'Json', endpoint_url: 'http://127.0.0.1:9/x', maxAttempts: 1, slug: 'json' },
  })
  expect(answer).toMatchObject({ status: 200, body: { job: { slug: 'json', maxAttempts: 1 } } })
  const read = await app.post('JobService/GetJob', { job: 'json' })
  expect(read.body).toEqual(answer.body)
})

test('validate_only checks everything, answers what would be stored and stores nothing', async () => {
  const before = await app.countRows()
  const job = { ...aJob, name: 'Only checked', webhookSecret: 's' }
  const { job: shown } = await app.jobs.createJob({ job, validateOnly: true })
  expect(shown).toMatchObject({
    id: '',
    version: 0,
    versionId: '',
    slug: 'only-checked',
    webhookSecretSet: true,
  })
  expect(shown!.createdAt).toBeUndefined()
  expect(await app.countRows()).toBe(before)

  await app.jobs.createJob({ job: { ...aJob, slug: 'taken-already' } })
  const taken = app.jobs.createJob({ job: { ...aJob, slug: 'taken-already' }, validateOnly: true })
  expect(await refusalOf(taken)).toMatchObject({ reason: 'SLUG_TAKEN', fields: ['job.slug'] })
})

test('of 50 creates with one slug at once, one gets it', async () => {
  const before = await app.countRows()
  const outcomes = await Promise.allSettled(
    Array.from({ length: 50 }, () => app.jobs.createJob({ job: { ...aJob, slug: 'wanted' } })),
  )
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
  expect(refused).toHaveLength(49)
  for (const { reason } of refused) {
    expect(await refusalOf(Promise.reject(reason))).toMatchObject({
      code: 'already_exists',
      reason: 'SLUG_TAKEN',
      fields: ['job.slug'],
    })
  }
  // Its head, its version and its entry in the audit log.
  expect(await app.countRows()).toBe(before + 3)
})

test.each([
  ['Same name', 'same-name'],
  ['北京 报告', 'beijing-baogao'],
  ['🎉', 'job'],
])(
  'of 100 creates of the name %s at once, each gets a slug of its own, numbered without a gap',
  async (name, slug) => {
    const answers = await Promise.all(
      Array.from({ length: 100 }, () =>
        app.jobs.createJob({ job: { ...aJob, name } }, { timeoutMs: 60_000 }),
      ),
    )
    const slugs = answers.map((answer) => answer.job?.slug).sort()
    const numbered = [slug, ...Array.from({ length: 99 }, (_, i) => `${slug}-${i + 2}`)]
    expect(slugs).toEqual(numbered.sort())
  },
)

test('a slug that a name makes goes around one that was chosen', async () => {
  await app.jobs.createJob({ job: { ...aJob, slug: 'around-2' } })
  const slugs: (string | undefined)[] = []
  for (let n = 0; n < 3; n++)
    slugs.push((await app.jobs.createJob({ job: { ...aJob, name: 'Around' } })).job?.slug)
  expect(slugs).toEqual(['around', 'around-3', 'around-4'])
})

test('two projects may have the same slug', async () => {
  const other = await anotherProject(app, 'neighbour')
  const { JobService } = await import('@strait/contracts/catalog/v1/job_service_pb')
  await app.jobs.createJob({ job: { ...aJob, slug: 'shared' } })
  const { job } = await app.client(JobService, other.apiKey).createJob({ job: { ...aJob, slug: 'shared' } })
  expect(job).toMatchObject({ slug: 'shared', projectId: other.projectId })
})
