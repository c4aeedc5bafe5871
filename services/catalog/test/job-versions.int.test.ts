// The history of a job: listed, read, compared, gone back to, and walked along by runs.

import { RetryStrategy, VersionPolicy } from '@strait/contracts/catalog/v1/job_pb'
import { newUuidv7 } from '@strait/domain/ids'
import { resolveVersion } from '@strait/domain/resolve-version'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AppBundle, openApp } from './app-bundle.ts'
import { auditOf } from './audit-of.ts'
import { historyOf, makeJob, patchJob } from './job-bundle.ts'
import { refusalOf } from './refusal.ts'
import { insertJob } from './store-bundle.ts'

let app: AppBundle
beforeAll(async () => {
  app = await openApp()
})
afterAll(() => app[Symbol.asyncDispose]())

test('after any number of changes each version is read as it was, by its number and by its id', async () => {
  const job = await makeJob(app, { tags: { a: '1' }, cronPayload: '{ "n": 1.0 }' })
  const versions = [job]
  for (const fields of [
    { tags: { b: '2' } },
    { endpointUrl: 'https://example.com/2' },
    { enabled: false },
    { cronPayload: '{"n":1.0}' },
  ])
    versions.push(await patchJob(app, job.id, fields))
  expect(await historyOf(app, job.slug!)).toEqual(versions)
  for (const version of versions) {
    const byNumber = await app.jobs.getJobVersion({ job: job.id, version: String(version.version) })
    expect(byNumber.job).toEqual(version)
    expect((await app.jobs.getJobVersion({ job: job.slug!, version: version.versionId })).job).toEqual(
      version,
    )
  }
})

test.each([
  '0',
  '3',
  '01',
  '-1',
  '1.0',
  '99999999999',
  'ver_0000000000',
  'ver_x',
  'latest',
  "1'--",
  'x'.repeat(10_000),
])('the version %j is not there', async (version) => {
  const job = await makeJob(app)
  await patchJob(app, job.id, { maxAttempts: 4 })
  for (const call of [
    () => app.jobs.getJobVersion({ job: job.id, version }),
    () => app.jobs.diffJobVersions({ job: job.id, from: version }),
    () => app.jobs.diffJobVersions({ job: job.id, to: version }),
    () => app.jobs.rollbackJob({ job: job.id, version }),
  ])
    expect(await refusalOf(call())).toMatchObject({ code: 'not_found', reason: 'VERSION_NOT_FOUND' })
  expect(await historyOf(app, job.id)).toHaveLength(2)
})

test("another job's version is not there by its id", async () => {
  const [job, other] = [await makeJob(app), await makeJob(app)]
  expect(await refusalOf(app.jobs.getJobVersion({ job: job.id, version: other.versionId }))).toMatchObject({
    reason: 'VERSION_NOT_FOUND',
  })
  expect(await refusalOf(app.jobs.getJobVersion({ job: job.id, version: '' }))).toMatchObject({
    fields: ['version'],
  })
})

test('versions are listed newest first, page by page, whatever is made meanwhile', async () => {
  const job = await makeJob(app)
  for (let i = 0; i < 6; i++) await patchJob(app, job.id, { maxAttempts: 10 + i })
  const first = await app.jobs.listJobVersions({ job: job.id, pageSize: 3 })
  expect(first.versions.map((each) => each.version)).toEqual([7, 6, 5])
  await patchJob(app, job.id, { maxAttempts: 50 })
  const second = await app.jobs.listJobVersions({ job: job.id, pageSize: 3, pageToken: first.nextPageToken })
  expect(second.versions.map((each) => each.version)).toEqual([4, 3, 2])
  const last = await app.jobs.listJobVersions({
    job: job.slug!,
    pageSize: 3,
    pageToken: second.nextPageToken,
  })
  expect(last.versions.map((each) => each.version)).toEqual([1])
  expect(last.nextPageToken).toBe('')

  const other = await makeJob(app)
  const jobs = (await app.jobs.listJobs({ pageSize: 1 })).nextPageToken
  for (const [id, pageToken] of [
    [other.id, first.nextPageToken],
    [job.id, jobs],
    [job.id, 'nonsense'],
  ] as const)
    expect(await refusalOf(app.jobs.listJobVersions({ job: id, pageToken }))).toMatchObject({
      fields: ['page_token'],
    })
  for (const pageSize of [-1, 251])
    expect(await refusalOf(app.jobs.listJobVersions({ job: job.id, pageSize }))).toMatchObject({
      fields: ['page_size'],
    })
})

test('a page of large versions ends at 8 MiB, and none is left out', async () => {
  const big = (letter: string) => JSON.stringify(letter.repeat(1_000_000))
  const job = await makeJob(app, { cronPayload: big('a') })
  for (let i = 1; i < 18; i++) await patchJob(app, job.id, { cronPayload: big(String.fromCharCode(97 + i)) })
  const page = await app.jobs.listJobVersions({ job: job.id, pageSize: 250 })
  expect(page.versions).toHaveLength(8)
  expect(page.nextPageToken).not.toBe('')
  expect((await historyOf(app, job.id)).map((each) => each.version)).toEqual(
    Array.from({ length: 18 }, (_, i) => i + 1),
  )
})

test('what changed is said field by field, in the order of the schema, as REST writes the values', async () => {
  const job = await makeJob(app, { name: 'Diffed', slug: 'diffed', cronPayload: '{ "a": 1.0 }' })
  await patchJob(app, job.id, { tags: { a: '1' }, webhookSecret: 'secret' })
  const newest = await patchJob(app, job.id, {
    retryStrategy: RetryStrategy.CUSTOM,
    retryDelaysSecs: [5, 7],
    cron: '* * * * *',
    cronPayload: '{"a": 9007199254740993}',
    maxConcurrency: 5,
    tags: {},
  })
  const { fromVersionId, toVersionId, changes } = await app.jobs.diffJobVersions({ job: job.id })
  expect(toVersionId).toBe(newest.versionId)
  expect(fromVersionId).toMatch(/^ver_/)
  expect(changes.map(({ field, before, after }) => [field, before, after])).toEqual([
    ['cron', 'null', '"* * * * *"'],
    ['cron_payload', '{ "a": 1.0 }', '{"a": 9007199254740993}'],
    ['tags', '{"a":"1"}', '{}'],
    ['max_concurrency', '0', '5'],
    ['retry_strategy', '"exponential"', '"custom"'],
    ['retry_delays_secs', '[]', '[5,7]'],
  ])
  const whole = await app.jobs.diffJobVersions({ job: job.id, from: '1', to: newest.versionId })
  expect(whole.changes.map((each) => each.field)).toEqual([
    'cron',
    'cron_payload',
    'max_concurrency',
    'retry_strategy',
    'retry_delays_secs',
    'webhook_secret_revision',
  ])
  const back = await app.jobs.diffJobVersions({ job: job.id, from: '3', to: '1' })
  expect(back.changes.map(({ field, before, after }) => [field, after, before])).toEqual(
    whole.changes.map(({ field, before, after }) => [field, before, after]),
  )
  const first = await app.jobs.diffJobVersions({ job: job.id, to: '1' })
  expect(first).toMatchObject({ fromVersionId: '', toVersionId: job.versionId })
  expect(first.changes.map(({ field, before, after }) => [field, before, after])).toEqual([
    ['name', 'null', '"Diffed"'],
    ['slug', 'null', '"diffed"'],
    ['cron_payload', '{}', '{ "a": 1.0 }'],
    ['endpoint_url', 'null', '"https://example.com/hook"'],
  ])
  expect((await app.jobs.diffJobVersions({ job: job.id, from: '2', to: '2' })).changes).toEqual([])
})

test('a rollback is a new version with the old configuration; secret, enabled and slug stay', async () => {
  const job = await makeJob(app, {
    name: 'Rolled',
    slug: 'rolled',
    description: 'first',
    webhookSecret: 'one',
    tags: { a: '1' },
    backwardsCompatible: true,
  })
  await patchJob(app, job.id, {
    name: 'Later',
    slug: 'later',
    enabled: false,
    tags: {},
    webhookSecret: 'two',
    endpointUrl: 'https://example.com/later',
  })
  const { job: shown } = await app.jobs.rollbackJob({
    job: 'later',
    version: job.versionId,
    validateOnly: true,
  })
  expect(shown).toMatchObject({ version: 2, name: 'Rolled', slug: 'later' })
  const { job: back } = await app.jobs.rollbackJob({ job: 'later', version: job.versionId })
  expect(back).toEqual({
    ...job,
    slug: 'later',
    enabled: false,
    backwardsCompatible: false,
    webhookSecretRevision: 2,
    version: 3,
    versionId: back?.versionId,
    updatedAt: back?.updatedAt,
  })
  expect((await app.internal.getWebhookSecrets({ jobIds: [job.id] })).secrets[0]!.secrets[0]).toBe('two')
  // It has that configuration already.
  expect((await app.jobs.rollbackJob({ job: job.id, version: '1' })).job).toEqual(back)
  expect(await historyOf(app, job.id)).toHaveLength(3)
  expect(await auditOf(app, job.id)).toMatchObject([
    { action: 'job.created' },
    { action: 'job.updated' },
    {
      action: 'job.rolled_back',
      before: { name: 'Later', version: 2 },
      after: { name: 'Rolled', version: 3 },
    },
  ])
})

test('a rollback is refused under an etag from before, and to what may not be saved any more', async () => {
  const job = await makeJob(app)
  await patchJob(app, job.id, { maxAttempts: 4 })
  expect(
    await refusalOf(app.jobs.rollbackJob({ job: job.id, version: '1', etag: job.versionId })),
  ).toMatchObject({ reason: 'ETAG_MISMATCH' })
  const old = await insertJob(app.store.db, app.store.projectId, {
    slug: 'long-ago',
    endpointUrl: 'http://169.254.169.254/',
  })
  await patchJob(app, old, { endpointUrl: 'https://example.com' })
  const refused = await refusalOf(app.jobs.rollbackJob({ job: old, version: '1' }))
  expect(refused).toMatchObject({ reason: 'FIELD_INVALID', fields: ['version'] })
  expect(refused.message).toContain('its endpoint_url')
  expect(await historyOf(app, old)).toHaveLength(2)
})

test('over REST versions are listed, read, compared and gone back to', async () => {
  const job = await makeJob(app, { cronPayload: '{ "a": 1.0 }' })
  await patchJob(app, job.id, { cronPayload: '{"b": 2}' })
  const path = `/v1/jobs/${job.slug}`
  expect(await app.rest('GET', `${path}/versions?page_size=1`)).toMatchObject({
    status: 200,
    body: { versions: [{ version: 2 }], next_page_token: expect.stringMatching(/./) },
  })
  expect(await app.rest('GET', `${path}/versions/1`)).toMatchObject({
    status: 200,
    body: { version: 1, version_id: job.versionId },
  })
  expect(await app.rest('GET', `${path}/versions/${job.versionId}`)).toMatchObject({
    status: 200,
    body: { version: 1 },
  })
  expect(await app.rest('GET', `${path}/versions/9`)).toMatchObject({
    status: 404,
    body: { reason: 'VERSION_NOT_FOUND' },
  })
  expect(await app.rest('GET', `${path}/diff?from=1`)).toMatchObject({
    status: 200,
    body: { changes: [{ field: 'cron_payload', before: { a: 1 }, after: { b: 2 } }] },
  })
  const before = { 'if-match': `"${job.versionId}"` }
  expect(await app.rest('POST', `${path}/rollback`, { version: '1' }, before)).toMatchObject({ status: 412 })
  expect(await app.rest('POST', `${path}/rollback`, { version: '1' })).toMatchObject({
    status: 200,
    body: { version: 3, cron_payload: { a: 1 } },
  })
})

/** Where a run of the policy `minor` goes that was triggered with a version. */
async function minorFrom(jobId: string, version: number): Promise<number> {
  const { steps } = await app.internal.listVersionSteps({ refs: [{ jobId, version }] })
  return resolveVersion({ policy: 'minor', triggered: version, steps: steps[0]!.steps, newest: version })
}

test('v2 → v3 compatible → v4 not: a run of v2 goes to v3', async () => {
  const job = await makeJob(app, { versionPolicy: VersionPolicy.MINOR })
  for (const [n, backwardsCompatible] of [
    [2, true],
    [3, true],
    [4, false],
  ] as const)
    await patchJob(app, job.id, { endpointUrl: `https://example.com/${n}`, backwardsCompatible })
  const { steps } = await app.internal.listVersionSteps({ refs: [{ jobId: job.id, version: 2 }] })
  expect(steps[0]!.steps.map(({ version, compatible }) => [version, compatible])).toEqual([
    [3, true],
    [4, false],
  ])
  expect(await minorFrom(job.id, 2)).toBe(3)
})

test('v3 not compatible → v4 compatible: a run of v2 stays there', async () => {
  const job = await makeJob(app)
  for (const [n, backwardsCompatible] of [
    [2, true],
    [3, false],
    [4, true],
  ] as const)
    await patchJob(app, job.id, { endpointUrl: `https://example.com/${n}`, backwardsCompatible })
  expect(await minorFrom(job.id, 2)).toBe(2)
  expect(await minorFrom(job.id, 3)).toBe(4)
})

test('a version in which nothing differs that shapes a call is compatible by itself', async () => {
  const job = await makeJob(app)
  await patchJob(app, job.id, { tags: { a: 'b' }, maxConcurrency: 5, enabled: false })
  await patchJob(app, job.id, { description: 'words', webhookSecret: 'secret' })
  await patchJob(app, job.id, { tags: {}, timeoutSecs: 7 })
  expect(await minorFrom(job.id, 1)).toBe(3)
  await app.jobs.rollbackJob({ job: job.id, version: '3' })
  expect(await minorFrom(job.id, 4)).toBe(4)
})

test('steps are answered in the order of the question, none for what is not there', async () => {
  const [one, two] = [await makeJob(app), await makeJob(app)]
  await patchJob(app, one.id, { name: 'x' })
  await app.jobs.deleteJob({ job: one.id, force: true })
  const { steps } = await app.internal.listVersionSteps({
    refs: [
      { jobId: two.id, version: 1 },
      { jobId: newUuidv7(), version: 1 },
      { jobId: one.id, version: 1 },
      { jobId: 'nonsense', version: 1 },
      { jobId: one.id, version: 9 },
      { jobId: one.id, version: -5 },
    ],
  })
  expect(steps.map((each) => each.steps.map(({ version }) => version))).toEqual([[], [], [2], [], [], [1]])
  const refs = Array.from({ length: 1_001 }, () => ({ jobId: one.id, version: 1 }))
  expect(await refusalOf(app.internal.listVersionSteps({ refs }))).toMatchObject({ fields: ['refs'] })
  expect((await app.internal.listVersionSteps({ refs: refs.slice(1) })).steps).toHaveLength(1_000)
})
