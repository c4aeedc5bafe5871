// What happens to a job besides changes of its fields: enabled and disabled, paused and resumed, copied.

import { timestampMs } from '@bufbuild/protobuf/wkt'
import { VersionPolicy } from '@strait/contracts/catalog/v1/job_pb'
import { JobService } from '@strait/contracts/catalog/v1/job_service_pb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AppBundle, anotherProject, openApp } from './app-bundle.ts'
import { auditOf } from './audit-of.ts'
import { anotherActor, historyOf, makeJob, patchJob } from './job-bundle.ts'
import { refusalOf, refusalsOf } from './refusal.ts'
import { insertJob } from './store-bundle.ts'

let app: AppBundle
beforeAll(async () => {
  app = await openApp()
})
afterAll(() => app[Symbol.asyncDispose]())

test('disabling and enabling make a version when they change something', async () => {
  const job = await makeJob(app)
  expect((await app.jobs.enableJob({ job: job.id })).job).toEqual(job)
  const second = await anotherActor(app)
  const { job: disabled } = await second.jobs.disableJob({ job: job.slug! })
  expect(disabled).toMatchObject({
    enabled: false,
    version: 2,
    updatedBy: second.actor,
    createdBy: job.createdBy,
  })
  expect((await app.jobs.disableJob({ job: job.id })).job).toEqual(disabled)
  const { job: enabled } = await app.jobs.enableJob({ job: job.id })
  expect(enabled).toMatchObject({ enabled: true, version: 3 })
  expect((await historyOf(app, job.id)).map((each) => each.enabled)).toEqual([true, false, true])
  expect((await auditOf(app, job.id)).map((each) => each.action)).toEqual([
    'job.created',
    'job.disabled',
    'job.enabled',
  ])
})

test('what a version says of its compatibility does not go on with the switch', async () => {
  const { id } = await makeJob(app, { backwardsCompatible: true })
  await app.jobs.disableJob({ job: id })
  await patchJob(app, id, { backwardsCompatible: true })
  await app.jobs.enableJob({ job: id })
  const said = (await historyOf(app, id)).map((each) => [each.enabled, each.backwardsCompatible])
  expect(said).toEqual([
    [true, true],
    [false, false],
    [false, true],
    [true, false],
  ])
})

test('a job is disabled even when it could not be saved as it is any more', async () => {
  const id = await insertJob(app.store.db, app.store.projectId, {
    slug: 'of-old',
    endpointUrl: 'http://169.254.169.254/',
  })
  expect(await refusalOf(patchJob(app, id, { name: 'x' }))).toMatchObject({ fields: ['patch.endpoint_url'] })
  expect((await app.jobs.disableJob({ job: id })).job).toMatchObject({ enabled: false, version: 2 })
})

test('a pause makes no version, is seen in every answer, and begins once', async () => {
  const job = await makeJob(app)
  const { job: paused } = await app.jobs.pauseJob({ job: job.id })
  expect(paused).toEqual({ ...job, pausedAt: paused?.pausedAt })
  expect(paused?.pausedAt).toBeDefined()
  expect((await app.jobs.pauseJob({ job: job.slug! })).job).toEqual(paused)
  expect((await app.jobs.getJob({ job: job.id })).job).toEqual(paused)
  expect(await patchJob(app, job.id, { maxAttempts: 4 })).toMatchObject({
    pausedAt: paused?.pausedAt,
    version: 2,
  })
  const { job: resumed } = await app.jobs.resumeJob({ job: job.id })
  expect(resumed).toMatchObject({ version: 2 })
  expect(resumed?.pausedAt).toBeUndefined()
  expect((await app.jobs.resumeJob({ job: job.id })).job).toEqual(resumed)
  expect(await auditOf(app, job.id)).toMatchObject([
    { action: 'job.created' },
    {
      action: 'job.paused',
      before: { paused_at: null },
      after: { paused_at: expect.any(String), version: 1 },
    },
    { action: 'job.updated' },
    {
      action: 'job.resumed',
      before: { paused_at: expect.any(String) },
      after: { paused_at: null, version: 2 },
    },
  ])
})

test('only checked, each answers the job as it would be, and it stays as it was', async () => {
  const job = await makeJob(app)
  const validateOnly = true
  const [rows, before] = [await app.countRows(), Date.now()]
  expect((await app.jobs.disableJob({ job: job.id, validateOnly })).job).toEqual({ ...job, enabled: false })
  expect((await app.jobs.enableJob({ job: job.id, validateOnly })).job).toEqual(job)
  const { job: shown } = await app.jobs.pauseJob({ job: job.slug!, validateOnly })
  expect(shown).toEqual({ ...job, pausedAt: shown?.pausedAt })
  expect(timestampMs(shown!.pausedAt!)).toBeGreaterThanOrEqual(before)
  expect((await app.jobs.resumeJob({ job: job.id, validateOnly })).job).toEqual(job)
  expect((await app.jobs.getJob({ job: job.id })).job).toEqual(job)
  expect(await app.countRows()).toBe(rows)

  const { job: paused } = await app.jobs.pauseJob({ job: job.id })
  expect((await app.jobs.pauseJob({ job: job.id, validateOnly })).job).toEqual(paused)
  expect((await app.jobs.resumeJob({ job: job.id, validateOnly })).job).toEqual(job)
  expect((await app.jobs.getJob({ job: job.id })).job).toEqual(paused)
  const asked = await app.rest('POST', `/v1/jobs/${job.slug}/disable`, { validate_only: true })
  expect(asked).toMatchObject({ status: 200, body: { enabled: false, version: 1 } })
  for (const refused of await refusalsOf([
    app.jobs.pauseJob({ job: 'nobody', validateOnly }),
    app.jobs.enableJob({ job: 'nobody', validateOnly }),
  ]))
    expect(refused).toMatchObject({ reason: 'JOB_NOT_FOUND' })
})

test('of many pauses at once one is made', async () => {
  const job = await makeJob(app)
  const answers = await Promise.all(Array.from({ length: 10 }, () => app.jobs.pauseJob({ job: job.id })))
  expect(new Set(answers.map((each) => JSON.stringify(each.job?.pausedAt, bigints))).size).toBe(1)
  expect((await auditOf(app, job.id)).map((each) => each.action)).toEqual(['job.created', 'job.paused'])
})

test('followers see every change of the head, pauses too', async () => {
  const job = await makeJob(app)
  const xid = async () =>
    BigInt(
      (
        await app.store.db
          .selectFrom('jobs')
          .select('changed')
          .where('id', '=', job.id)
          .executeTakeFirstOrThrow()
      ).changed,
    )
  let before = await xid()
  for (const change of [
    () => app.jobs.pauseJob({ job: job.id }),
    () => app.jobs.resumeJob({ job: job.id }),
    () => app.jobs.disableJob({ job: job.id }),
    () => patchJob(app, job.id, { tags: { a: 'b' } }),
  ]) {
    await change()
    const after = await xid()
    expect(after).toBeGreaterThan(before)
    before = after
  }
})

test('a copy has the configuration and nothing else: disabled, in version 1, of whoever made it', async () => {
  const job = await makeJob(app, {
    name: 'Original',
    slug: 'the-original',
    description: 'words',
    tags: { a: 'b' },
    cron: '* * * * *',
    versionPolicy: VersionPolicy.LATEST,
    backwardsCompatible: true,
    webhookSecret: 'secret',
  })
  await app.jobs.pauseJob({ job: job.id })
  const second = await anotherActor(app)
  const { job: copy } = await second.jobs.cloneJob({ job: 'the-original' })
  expect(copy).toEqual({
    ...job,
    id: copy?.id,
    name: 'Original (copy)',
    slug: 'original-copy',
    enabled: false,
    version: 1,
    versionId: copy?.versionId,
    webhookSecretSet: false,
    webhookSecretRevision: 0,
    backwardsCompatible: false,
    createdBy: second.actor,
    updatedBy: second.actor,
    createdAt: copy?.createdAt,
    updatedAt: copy?.createdAt,
  })
  expect(copy?.id).not.toBe(job.id)
  expect((await app.jobs.getJob({ job: copy!.id })).job).toEqual(copy)
  expect((await app.jobs.cloneJob({ job: job.id })).job).toMatchObject({ slug: 'original-copy-2' })
  expect(await auditOf(app, copy!.id)).toMatchObject([
    { action: 'job.cloned', actor: second.actor, after: { slug: 'original-copy' } },
  ])
})

test('a copy gets the name and the slug that are asked for, within their bounds', async () => {
  const job = await makeJob(app, { name: '😀'.repeat(255), slug: 'long-name' })
  const { job: copy } = await app.jobs.cloneJob({ job: job.id })
  expect(copy?.name).toBe(`${'😀'.repeat(248)} (copy)`)
  const named = await app.jobs.cloneJob({ job: job.id, name: 'Mine', slug: 'mine' })
  expect(named.job).toMatchObject({ name: 'Mine', slug: 'mine' })
  const rows = await app.countRows()
  for (const validateOnly of [true, false])
    expect(await refusalOf(app.jobs.cloneJob({ job: job.id, slug: 'mine', validateOnly }))).toMatchObject({
      reason: 'SLUG_TAKEN',
      fields: ['slug'],
    })
  expect(await refusalOf(app.jobs.cloneJob({ job: job.id, name: '', slug: 'No Slug' }))).toMatchObject({
    fields: ['name', 'slug'],
  })
  const { job: shown } = await app.jobs.cloneJob({ job: job.id, name: 'Only checked', validateOnly: true })
  expect(shown).toMatchObject({ id: '', version: 0, slug: 'only-checked', enabled: false })
  expect(await app.countRows()).toBe(rows)
})

test('what could not be saved today is not copied, and the original is blamed', async () => {
  const id = await insertJob(app.store.db, app.store.projectId, {
    slug: 'of-old-too',
    endpointUrl: 'http://169.254.169.254/',
  })
  const refused = await refusalOf(app.jobs.cloneJob({ job: id }))
  expect(refused).toMatchObject({ reason: 'FIELD_INVALID', fields: ['job'] })
  expect(refused.message).toContain('its endpoint_url')
})

test("another project's job is not there, whatever is asked of it", async () => {
  const job = await makeJob(app)
  const { apiKey } = await anotherProject(app, 'other')
  const by = app.client(JobService, apiKey)
  const rows = await app.countRows()
  for (const refused of await refusalsOf([
    by.enableJob({ job: job.id }),
    by.disableJob({ job: job.id }),
    by.pauseJob({ job: job.id }),
    by.resumeJob({ job: job.id }),
    by.cloneJob({ job: job.id }),
    by.listJobVersions({ job: job.id }),
    by.getJobVersion({ job: job.id, version: '1' }),
    by.getJobVersion({ job: job.id, version: job.versionId }),
    by.diffJobVersions({ job: job.id }),
    by.rollbackJob({ job: job.id, version: '1' }),
  ]))
    expect(refused).toMatchObject({ code: 'not_found', reason: 'JOB_NOT_FOUND' })
  expect((await by.listJobs({})).jobs).toEqual([])
  expect(await app.countRows()).toBe(rows)
})

test('without a name of a job each says so', async () => {
  for (const refused of await refusalsOf([
    app.jobs.enableJob({}),
    app.jobs.pauseJob({}),
    app.jobs.cloneJob({}),
    app.jobs.deleteJob({}),
    app.jobs.listJobVersions({}),
    app.jobs.rollbackJob({}),
  ]))
    expect(refused).toMatchObject({ reason: 'FIELD_INVALID', fields: ['job'] })
})

test('over REST each has its path', async () => {
  const job = await makeJob(app)
  const at = (verb: string, body: unknown = {}) => app.rest('POST', `/v1/jobs/${job.slug}/${verb}`, body)
  expect(await at('disable')).toMatchObject({ status: 200, body: { enabled: false, version: 2 } })
  expect(await at('enable')).toMatchObject({ status: 200, body: { enabled: true, version: 3 } })
  expect(await at('pause')).toMatchObject({
    status: 200,
    body: { paused_at: expect.any(String), version: 3 },
  })
  expect(await at('resume')).toMatchObject({ status: 200, body: { paused_at: null } })
  const copy = await at('clone', { name: 'Rest copy' })
  expect(copy).toMatchObject({ status: 201, body: { slug: 'rest-copy', enabled: false } })
  expect(copy.headers.get('location')).toBe(`/v1/jobs/${copy.body.id}`)
})

function bigints(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}
