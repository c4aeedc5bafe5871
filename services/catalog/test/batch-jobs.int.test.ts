// Many jobs in one call: each item as its own call would be.

import { JobService } from '@strait/contracts/catalog/v1/job_service_pb'
import { newUuidv7 } from '@strait/domain/ids'
import { createPool } from '@strait/postgres/pool'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { type AppBundle, aJob, anotherProject, openApp } from './app-bundle.ts'
import { historyOf, makeJob } from './job-bundle.ts'
import { refusalOf } from './refusal.ts'

let app: AppBundle
beforeAll(async () => {
  app = await openApp()
})
afterAll(() => app[Symbol.asyncDispose]())

const mask = (...paths: string[]) => ({ paths })

test('a bad job does not keep the good ones from being stored, and each answer is in its place', async () => {
  await makeJob(app, { slug: 'is-taken' })
  const { results } = await app.jobs.batchCreateJobs({
    jobs: [
      { ...aJob, slug: 'batch-1' },
      { name: '', maxAttempts: 0 },
      { ...aJob, slug: 'is-taken' },
      { ...aJob, slug: 'batch-2' },
    ],
  })
  expect(results.map(({ outcome }) => outcome.case)).toEqual(['job', 'error', 'error', 'job'])
  expect(results[0]?.outcome.value).toMatchObject({ slug: 'batch-1', version: 1 })
  expect(results[3]?.outcome.value).toMatchObject({ slug: 'batch-2', version: 1 })
  expect(results[1]?.outcome.value).toMatchObject({
    code: 'invalid_argument',
    reason: 'FIELD_INVALID',
    message: expect.stringContaining('job.name: is required'),
    violations: [{ field: 'job.name' }, { field: 'job.endpoint_url' }, { field: 'job.max_attempts' }],
  })
  expect(results[2]?.outcome.value).toMatchObject({
    code: 'already_exists',
    reason: 'SLUG_TAKEN',
    violations: [{ field: 'job.slug' }],
  })
  for (const slug of ['batch-1', 'batch-2']) expect((await app.jobs.getJob({ job: slug })).job).toBeDefined()
})

test('100 jobs of one name are stored at once', async () => {
  const { results } = await app.jobs.batchCreateJobs({
    jobs: Array.from({ length: 100 }, () => ({ ...aJob, name: 'Hundred' })),
  })
  const slugs = results.flatMap(({ outcome }) => (outcome.case === 'job' ? [outcome.value.slug] : []))
  expect(new Set(slugs).size).toBe(100)
})

test('of two items with one slug one gets it', async () => {
  const { results } = await app.jobs.batchCreateJobs({
    jobs: [
      { ...aJob, slug: 'twice' },
      { ...aJob, slug: 'twice' },
    ],
  })
  expect(results.map(({ outcome }) => outcome.case).sort()).toEqual(['error', 'job'])
})

test('validate_only checks each and stores none', async () => {
  const before = await app.countRows()
  const { results } = await app.jobs.batchCreateJobs({
    jobs: [{ ...aJob, slug: 'only-checked' }, {}],
    validateOnly: true,
  })
  expect(results.map(({ outcome }) => outcome.case)).toEqual(['job', 'error'])
  expect(results[0]?.outcome.value).toMatchObject({ id: '', slug: 'only-checked', version: 0 })
  const job = await app.jobs.getJob({ job: 'only-checked' }).catch(() => undefined)
  expect(job).toBeUndefined()
  expect(await app.countRows()).toBe(before)
})

test('no item and more than a hundred are refused as a whole', async () => {
  const before = await app.countRows()
  const many = Array.from({ length: 101 }, () => aJob)
  for (const jobs of [[], many])
    expect(await refusalOf(app.jobs.batchCreateJobs({ jobs }))).toMatchObject({
      reason: 'FIELD_INVALID',
      fields: ['jobs'],
    })
  for (const requests of [[], many.map(() => ({}))])
    expect(await refusalOf(app.jobs.batchUpdateJobs({ requests }))).toMatchObject({
      reason: 'FIELD_INVALID',
      fields: ['requests'],
    })
  expect(await app.countRows()).toBe(before)
})

test('changes are made in their order, several of one job too, and a bad one spoils no other', async () => {
  const [one, two] = [await makeJob(app), await makeJob(app)]
  const { results } = await app.jobs.batchUpdateJobs({
    requests: [
      {
        job: one.id,
        patch: { maxAttempts: 4, slug: 'renamed-in-batch' },
        updateMask: mask('max_attempts', 'slug'),
      },
      { job: one.id, patch: { maxAttempts: 0 }, updateMask: mask('max_attempts') },
      { job: 'renamed-in-batch', patch: { maxAttempts: 5 }, updateMask: mask('max_attempts') },
      { job: newUuidv7(), patch: {}, updateMask: mask() },
      { job: two.id, patch: { maxAttempts: 6 }, updateMask: mask('max_attempts'), etag: 'ver_0000000000' },
      { job: two.id, patch: { maxAttempts: 7 }, updateMask: mask('max_attempts'), validateOnly: true },
      { job: '', patch: {}, updateMask: mask() },
      { job: two.id, patch: { description: 'last' }, updateMask: mask('description') },
    ],
  })
  expect(
    results.map(({ outcome }) => (outcome.case === 'error' ? outcome.value.reason : outcome.value?.version)),
  ).toEqual([2, 'FIELD_INVALID', 3, 'JOB_NOT_FOUND', 'ETAG_MISMATCH', 1, 'FIELD_INVALID', 2])
  expect(results[1]?.outcome.value).toMatchObject({ violations: [{ field: 'patch.max_attempts' }] })
  expect((await historyOf(app, one.id)).map((each) => each.maxAttempts)).toEqual([3, 4, 5])
  expect((await historyOf(app, two.id)).map((each) => [each.maxAttempts, each.description])).toEqual([
    [3, ''],
    [3, 'last'],
  ])
})

test("another project's job is not there in a batch either", async () => {
  const job = await makeJob(app)
  const { apiKey } = await anotherProject(app, 'other')
  const { results } = await app.client(JobService, apiKey).batchUpdateJobs({
    requests: [{ job: job.id, patch: { name: 'Stolen' }, updateMask: mask('name') }],
  })
  expect(results[0]?.outcome.value).toMatchObject({ code: 'not_found', reason: 'JOB_NOT_FOUND' })
  expect((await app.jobs.getJob({ job: job.id })).job).toEqual(job)
})

test('a fault of ours is the answer of its item, without a word of what it was', async () => {
  // Something that is wrong in the database: no job of this name can be stored.
  const owner = createPool({
    url: app.store.database.url,
    max: 1,
    name: 'batch-test',
    onError: () => undefined,
  })
  onTestFinished(() => owner.end())
  await owner.query(`alter table catalog.jobs add constraint broken check (name <> 'breaks')`)
  onTestFinished(async () => {
    await owner.query('alter table catalog.jobs drop constraint broken')
  })
  const { results } = await app.jobs.batchCreateJobs({
    jobs: [
      { ...aJob, slug: 'before-fault' },
      { ...aJob, name: 'breaks' },
      { ...aJob, slug: 'after-fault' },
    ],
  })
  expect(results.map(({ outcome }) => outcome.case)).toEqual(['job', 'error', 'job'])
  expect(results[1]?.outcome.value).toMatchObject({
    code: 'internal',
    reason: 'INTERNAL',
    message: 'a fault on our side; it is logged',
    violations: [],
  })
})

test('over REST each has its path, and the mask of an item is one text as protobuf writes it in JSON', async () => {
  const made = await app.rest('POST', '/v1/jobs/batch-create', {
    jobs: [{ name: 'Rest batch', slug: 'rest-batch', endpoint_url: 'https://example.com' }, { name: '' }],
  })
  expect(made).toMatchObject({
    status: 200,
    body: {
      results: [
        { job: { slug: 'rest-batch' }, error: null },
        { job: null, error: { reason: 'FIELD_INVALID' } },
      ],
    },
  })
  const patch = { max_attempts: 9, endpoint_url: 'https://example.com/2', description: null }
  const changed = await app.rest('POST', '/v1/jobs/batch-update', {
    requests: [{ job: 'rest-batch', patch, update_mask: 'maxAttempts,endpointUrl,description' }],
  })
  expect(changed).toMatchObject({
    status: 200,
    body: {
      results: [
        { job: { version: 2, max_attempts: 9, endpoint_url: 'https://example.com/2', description: '' } },
      ],
    },
  })
  for (const update_mask of [{ paths: ['name'] }, ['name'], 'max_attempts'])
    expect(
      await app.rest('POST', '/v1/jobs/batch-update', {
        requests: [{ job: 'rest-batch', patch, update_mask }],
      }),
    ).toMatchObject({
      status: 400,
      body: {
        violations: [
          {
            field: 'requests[0].update_mask',
            description: 'must be names in lowerCamelCase between commas, as in "maxAttempts,endpointUrl"',
          },
        ],
      },
    })
})

test('a batch whose answer would be too large stops short of it, item by item', async () => {
  const cronPayload = `"${'x'.repeat(1024 * 1024 - 2)}"`
  await app.jobs.createJob({ job: { ...aJob, slug: 'heavy', cronPayload } })
  const rows = await app.countRows()
  const item = { job: 'heavy', patch: { name: aJob.name }, updateMask: { paths: ['name'] } }
  const { results } = await app.jobs.batchUpdateJobs({ requests: Array.from({ length: 100 }, () => item) })
  expect(await app.countRows()).toBe(rows)
  const refused = results
    .filter(({ outcome }) => outcome.case === 'error')
    .map(({ outcome }) => outcome.value)
  expect(results.slice(0, 32).every(({ outcome }) => outcome.case === 'job')).toBe(true)
  expect(refused).toHaveLength(68)
  for (const error of refused)
    expect(error).toMatchObject({ code: 'resource_exhausted', reason: 'OVERLOADED' })
})
