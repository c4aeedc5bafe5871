// Changing a job: which fields, under which conditions, and what a version is made of.

import { timestampDate } from '@bufbuild/protobuf/wkt'
import { OnLostAttempt, RetryStrategy, VersionPolicy } from '@strait/contracts/catalog/v1/job_pb'
import { JobService } from '@strait/contracts/catalog/v1/job_service_pb'
import { newUuidv7, newVersionId } from '@strait/domain/ids'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AppBundle, anotherProject, openApp } from './app-bundle.ts'
import { auditOf } from './audit-of.ts'
import { anotherActor, historyOf, type JobFields, makeJob, patchJob } from './job-bundle.ts'
import { refusalOf } from './refusal.ts'

let app: AppBundle
beforeAll(async () => {
  app = await openApp()
})
afterAll(() => app[Symbol.asyncDispose]())

test.each<[string, JobFields]>([
  ['name', { name: 'Another name 😀' }],
  ['slug', { slug: 'another-slug' }],
  ['description', { description: 'words' }],
  ['cron', { cron: '*/5 * * * *' }],
  ['cron_payload', { cronPayload: '{ "b": 1.0, "a": 9007199254740993 }' }],
  ['tags', { tags: { team: 'a', ['__proto__']: 'kept', constructor: 'too' } }],
  ['endpoint_url', { endpointUrl: 'https://example.com/other' }],
  ['max_attempts', { maxAttempts: 7 }],
  ['timeout_secs', { timeoutSecs: 7 }],
  ['timezone', { timezone: 'Europe/Berlin' }],
  ['enabled', { enabled: false }],
  ['version_policy', { versionPolicy: VersionPolicy.MINOR }],
  ['backwards_compatible', { backwardsCompatible: true }],
  ['webhook_url', { webhookUrl: 'https://example.com/told' }],
  ['payload_schema', { payloadSchema: '{ "type": "object" }' }],
  ['fallback_endpoint_url', { fallbackEndpointUrl: 'https://example.com/fallback' }],
  ['max_concurrency_per_key', { maxConcurrencyPerKey: 3, onLostAttempt: OnLostAttempt.RETRY }],
  ['execution_window_cron', { executionWindowCron: '0 9-17 * * 1-5' }],
  ['the rate limit', { rateLimitMax: 5, rateLimitWindowSecs: 60 }],
  ['default_run_metadata', { defaultRunMetadata: { ['__proto__']: 'kept', a: '' } }],
  ['dedup_window_secs', { dedupWindowSecs: 60 }],
  ['run_ttl_secs', { runTtlSecs: 60 }],
  ['the retries', { retryStrategy: RetryStrategy.CUSTOM, retryDelaysSecs: [5] }],
  [
    'on_complete_payload_mapping',
    { onCompletePayloadMapping: '{ "a": "result.a" }', onCompleteTriggerWorkflow: 'after' },
  ],
  ['misfire_max_age_secs', { misfireMaxAgeSecs: 7_200 }],
  ['spread_secs', { spreadSecs: 60 }],
  ['on_lost_attempt', { onLostAttempt: OnLostAttempt.HOLD }],
])('a change of %s makes the next version, and the one before stays as it was', async (_, fields) => {
  const job = await makeJob(app)
  const changed = await patchJob(app, job.id, fields)
  expect(changed).toMatchObject({
    ...job,
    ...fields,
    version: 2,
    versionId: expect.stringMatching(/^ver_[0-9a-z]{10}$/),
    updatedAt: changed.updatedAt,
  })
  expect(changed.versionId).not.toBe(job.versionId)
  expect(changed.createdAt).toEqual(job.createdAt)
  expect(timestampDate(changed.updatedAt!).getTime()).toBeGreaterThanOrEqual(
    timestampDate(job.updatedAt!).getTime(),
  )
  expect((await app.jobs.getJob({ job: job.id })).job).toEqual(changed)
  const [first, second] = await historyOf(app, job.id)
  expect(first).toEqual(job)
  expect(second).toEqual(changed)
})

test('a field that is named and not set takes its default', async () => {
  const set = {
    description: 'words',
    cron: '* * * * *',
    tags: { a: 'b' },
    maxAttempts: 7,
    enabled: false,
    webhookUrl: 'https://example.com/told',
    retryStrategy: RetryStrategy.CUSTOM,
    retryDelaysSecs: [5],
    defaultRunMetadata: { a: 'b' },
  }
  const job = await makeJob(app, set)
  const plain = await makeJob(app)
  const paths = [
    'description',
    'cron',
    'tags',
    'max_attempts',
    'enabled',
    'webhook_url',
    'retry_strategy',
    'retry_delays_secs',
    'default_run_metadata',
  ]
  const { id, slug, versionId, createdAt } = job
  const cleared = await patchJob(app, id, {}, { paths })
  expect(cleared).toEqual({
    ...plain,
    id,
    slug,
    versionId: cleared.versionId,
    createdAt,
    version: 2,
    updatedAt: cleared.updatedAt,
  })
  expect(cleared.versionId).not.toBe(versionId)
})

test('a description is cleared with an empty one', async () => {
  const job = await makeJob(app, { description: 'words' })
  expect(await patchJob(app, job.id, { description: '' })).toMatchObject({ description: '', version: 2 })
})

test('a slug that is named and not set is made from the name, and numbered where that one is taken', async () => {
  const first = await makeJob(app, { name: 'From its name', slug: 'from-its-name' })
  const job = await makeJob(app, { name: 'From its name' })
  const named = await patchJob(app, job.id, {}, { paths: ['slug'] })
  expect(named).toMatchObject({ slug: 'from-its-name-2', version: 2 })
  // It has one that its name makes: nothing changes.
  expect(await patchJob(app, job.id, {}, { paths: ['slug'] })).toEqual(named)
  expect(await patchJob(app, first.id, {}, { paths: ['slug'] })).toEqual(first)
})

test('a change that changes no value writes nothing and is told to nobody', async () => {
  const job = await makeJob(app, { tags: { a: '1', b: '2' }, description: 'x', webhookSecret: 'secret' })
  const before = await app.countRows()
  const { maxAttempts, name, slug } = job
  for (const [fields, paths] of [
    [{}, []],
    [{ name, slug, maxAttempts }, undefined],
    [{ tags: { b: '2', a: '1' } }, undefined],
    [{ webhookSecret: 'secret' }, undefined],
    [
      job,
      [
        'name',
        'slug',
        'description',
        'tags',
        'endpoint_url',
        'enabled',
        'retry_strategy',
        'timezone',
        'version_policy',
      ],
    ],
    // What is only shown is ignored.
    [
      { ...job, id: newUuidv7(), version: 9, createdBy: 'me' },
      ['id', 'version', 'version_id', 'created_by', 'created_at', 'paused_at', 'webhook_secret_set'],
    ],
  ] as const)
    expect(await patchJob(app, job.id, fields, paths && { paths })).toEqual(job)
  expect(await app.countRows()).toBe(before)
})

test('what a version says of its compatibility is its own and never sticks', async () => {
  const job = await makeJob(app)
  const said = await patchJob(app, job.id, { maxAttempts: 4, backwardsCompatible: true })
  expect(said).toMatchObject({ version: 2, backwardsCompatible: true })
  // Only leaving it out is no change.
  expect(await patchJob(app, job.id, { maxAttempts: 4 })).toEqual(said)
  expect(await patchJob(app, job.id, { maxAttempts: 5 })).toMatchObject({
    version: 3,
    backwardsCompatible: false,
  })
  expect(await patchJob(app, job.id, {}, { paths: ['backwards_compatible'] })).toMatchObject({ version: 3 })
  const again = await patchJob(app, job.id, { backwardsCompatible: true })
  expect(again).toMatchObject({ version: 4, backwardsCompatible: true })
  expect(await patchJob(app, job.id, {}, { paths: ['backwards_compatible'] })).toMatchObject({
    version: 5,
    backwardsCompatible: false,
  })
  expect((await historyOf(app, job.id)).map((each) => each.backwardsCompatible)).toEqual([
    false,
    true,
    false,
    true,
    false,
  ])
})

test('named limits are replaced whole, and the same again are no change', async () => {
  const job = await makeJob(app, { rateLimitKeys: [{ name: 'a', max: 1, windowSecs: 60 }] })
  const same = await patchJob(app, job.id, { rateLimitKeys: [{ name: 'a', max: 1, windowSecs: 60 }] })
  expect(same).toEqual(job)
  const other = await patchJob(app, job.id, { rateLimitKeys: [{ name: 'a', max: 2, windowSecs: 60 }] })
  expect(other).toMatchObject({ version: 2, rateLimitKeys: [{ name: 'a', max: 2 }] })
})

test('fields are checked against those that stay', async () => {
  const job = await makeJob(app, {
    cron: '* * * * *',
    payloadSchema: '{ "required": ["a"] }',
    cronPayload: '{ "a": 1 }',
  })
  expect(await refusalOf(patchJob(app, job.id, {}, { paths: ['cron_payload'] }))).toMatchObject({
    reason: 'FIELD_INVALID',
    fields: [expect.stringMatching(/^patch\.cron_payload/)],
  })
  expect(await refusalOf(patchJob(app, job.id, { rateLimitMax: 5 }))).toMatchObject({
    fields: [expect.stringMatching(/^patch\.rate_limit_/)],
  })
  expect(await refusalOf(patchJob(app, job.id, { groupId: newUuidv7() }))).toMatchObject({
    fields: ['patch.group_id'],
  })
})

test('the change is checked whole, and everything wrong with it is said at once', async () => {
  const job = await makeJob(app)
  const before = await app.countRows()
  const wrong: [JobFields, string[] | undefined, string[]][] = [
    [{ name: '', maxAttempts: 0 }, undefined, ['patch.name', 'patch.max_attempts']],
    [{}, ['name', 'endpoint_url'], ['patch.name', 'patch.endpoint_url']],
    [{ slug: 'No Slug' }, undefined, ['patch.slug']],
    [{ endpointUrl: 'ftp://example.com' }, undefined, ['patch.endpoint_url']],
    [{ retryDelaysSecs: [1] }, undefined, ['patch.retry_delays_secs']],
    [{ retryStrategy: 99 as RetryStrategy }, undefined, ['patch.retry_strategy']],
    [{ projectId: newUuidv7() }, undefined, ['patch.project_id']],
    [{ webhookSecret: 'x'.repeat(257) }, undefined, ['patch.webhook_secret']],
    [{ name: 'x' }, ['nome'], ['update_mask']],
    [{ name: 'x' }, ['*', 'rate_limit_keys.name'], ['update_mask', 'update_mask']],
  ]
  for (const [fields, paths, at] of wrong) {
    const refused = await refusalOf(patchJob(app, job.id, fields, paths && { paths }))
    expect(refused, JSON.stringify(at)).toMatchObject({ reason: 'FIELD_INVALID', fields: at })
  }
  const bare = await refusalOf(app.jobs.updateJob({ job: job.id, etag: '', webhookSecretGraceSecs: -1 }))
  expect([...bare.fields].sort()).toEqual(['etag', 'patch', 'update_mask', 'webhook_secret_grace_secs'])
  expect(await refusalOf(app.jobs.updateJob({ job: '', patch: {}, updateMask: {} }))).toMatchObject({
    fields: ['job'],
  })
  expect((await app.jobs.getJob({ job: job.id })).job).toEqual(job)
  expect(await app.countRows()).toBe(before)
})

test('a job that was changed meanwhile is not changed under an etag from before', async () => {
  const job = await makeJob(app)
  const changed = await patchJob(app, job.id, { maxAttempts: 4 }, { etag: job.versionId })
  expect(changed.version).toBe(2)
  for (const etag of [job.versionId, newVersionId(), '2'])
    expect(await refusalOf(patchJob(app, job.id, { maxAttempts: 5 }, { etag }))).toMatchObject({
      code: 'aborted',
      reason: 'ETAG_MISMATCH',
      fields: ['etag'],
    })
  expect((await app.jobs.getJob({ job: job.id })).job).toEqual(changed)
})

test('a job is renamed to a free slug, found by it, and not to a taken one', async () => {
  const other = await makeJob(app, { slug: 'taken' })
  const job = await makeJob(app, { slug: 'before' })
  for (const validateOnly of [true, false])
    expect(await refusalOf(patchJob(app, job.id, { slug: other.slug! }, { validateOnly }))).toMatchObject({
      code: 'already_exists',
      reason: 'SLUG_TAKEN',
      fields: ['patch.slug'],
    })
  const renamed = await patchJob(app, 'before', { slug: 'after' })
  expect((await app.jobs.getJob({ job: 'after' })).job).toEqual(renamed)
  expect(await refusalOf(app.jobs.getJob({ job: 'before' }))).toMatchObject({ reason: 'JOB_NOT_FOUND' })
  expect(await makeJob(app, { slug: 'before' })).toMatchObject({ slug: 'before' })
})

test('validate_only answers what would be stored, under the version that there is, and writes nothing', async () => {
  const job = await makeJob(app, { webhookSecret: 'secret' })
  const before = await app.countRows()
  const shown = await patchJob(app, job.id, { maxAttempts: 9, slug: 'only-checked' }, { validateOnly: true })
  expect(shown).toEqual({ ...job, maxAttempts: 9, slug: 'only-checked' })
  const cleared = await patchJob(app, job.id, {}, { paths: ['webhook_secret'], validateOnly: true })
  expect(cleared).toMatchObject({ webhookSecretSet: false, webhookSecretRevision: 2, version: 1 })
  expect(await refusalOf(patchJob(app, job.id, { maxAttempts: 0 }, { validateOnly: true }))).toMatchObject({
    fields: ['patch.max_attempts'],
  })
  expect((await app.jobs.getJob({ job: job.id })).job).toEqual(job)
  expect(await app.countRows()).toBe(before)
})

test('who changed it is told, in the version and in the audit log, and who created it stays', async () => {
  const job = await makeJob(app)
  const second = await anotherActor(app)
  const changed = await patchJob(app, job.id, { name: 'By another' }, { by: second.jobs })
  expect(changed).toMatchObject({ createdBy: job.createdBy, updatedBy: second.actor })
  expect(second.actor).not.toBe(job.createdBy)
  const [created, updated] = await auditOf(app, job.id)
  expect(created).toMatchObject({
    action: 'job.created',
    actor: job.createdBy,
    before: null,
    after: { id: job.id, name: job.name, version: 1 },
  })
  expect(updated).toMatchObject({
    action: 'job.updated',
    actor: second.actor,
    project_id: app.store.projectId,
    before: { name: job.name, version: 1, retry_strategy: 'exponential', cron_payload: {} },
    after: { name: 'By another', version: 2, version_id: changed.versionId, updated_by: second.actor },
  })
})

test("another project's job is not there", async () => {
  const job = await makeJob(app)
  const { apiKey } = await anotherProject(app, 'other')
  const by = app.client(JobService, apiKey)
  for (const name of [job.id, job.slug!])
    expect(await refusalOf(patchJob(app, name, { name: 'Stolen' }, { by }))).toMatchObject({
      reason: 'JOB_NOT_FOUND',
    })
  expect((await app.jobs.getJob({ job: job.id })).job).toEqual(job)
})

test('over REST the fields of the body are the change, null sets the default, and If-Match is the etag', async () => {
  const job = await makeJob(app, { description: 'words', tags: { a: '1', b: '2' } })
  const path = `/v1/jobs/${job.slug}`
  const etag = { 'if-match': `"${job.versionId}"` }
  const changed = await app.rest(
    'PATCH',
    path,
    { description: null, tags: { c: '3' }, max_attempts: 4 },
    etag,
  )
  expect(changed).toMatchObject({
    status: 200,
    body: { id: job.id, version: 2, description: '', tags: { c: '3' }, max_attempts: 4, name: job.name },
  })
  expect(await app.rest('PATCH', path, { max_attempts: 5 }, etag)).toMatchObject({
    status: 412,
    body: { reason: 'ETAG_MISMATCH' },
  })
  expect(await app.rest('PATCH', path, { name: null })).toMatchObject({
    status: 400,
    body: { violations: [{ field: 'patch.name' }] },
  })
  expect(await app.rest('PATCH', path, { nome: 'x' })).toMatchObject({
    status: 400,
    body: { reason: 'FIELD_UNKNOWN' },
  })
  expect(await app.rest('PATCH', `${path}?validate_only=true`, { max_attempts: 6 })).toMatchObject({
    status: 200,
    body: { version: 2, max_attempts: 6 },
  })
  expect(await app.rest('PATCH', path, {})).toEqual({ ...changed, headers: expect.anything() })
})
