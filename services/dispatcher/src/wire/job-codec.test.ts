import { create } from '@bufbuild/protobuf'
import {
  DstGap,
  DstOverlap,
  JobSchema,
  MisfirePolicy,
  OnLostAttempt,
  OverlapPolicy,
  RetryStrategy,
  VersionPolicy,
  WindowPolicy,
} from '@strait/contracts/catalog/v1/job_pb'
import { expect, test } from 'vitest'
import { notYetActingFields } from '../domain/not-yet-acting.ts'
import { toJobConfig } from './job-codec.ts'

// What is honored by this service, the scheduler or the notifier, is for people, or is the catalog's own affair.
const acting = new Set(
  (
    'name slug description group_id cron cron_payload tags endpoint_url max_attempts timeout_secs timezone default_run_metadata enabled ' +
    'webhook_url webhook_secret retry_strategy retry_delays_secs backwards_compatible'
  ).split(' '),
)
const outputOnly = new Set(
  (
    'id project_id webhook_secret_set webhook_secret_revision version version_id created_by updated_by created_at updated_at paused_at ' +
    'deleted_at'
  ).split(' '),
)

test('every field of a job either acts or is known not to', () => {
  const notYet = new Set<string>(notYetActingFields)
  const known = JobSchema.fields.map(({ name }) => [
    name,
    [acting, outputOnly, notYet].filter((list) => list.has(name)).length,
  ])
  expect(known.filter(([, lists]) => lists !== 1)).toEqual([])
  expect(acting.size + outputOnly.size + notYet.size).toBe(JobSchema.fields.length)
})

test('a job with nothing but what it must have is acted on whole', () => {
  const config = toJobConfig(create(JobSchema, { id: 'j', name: 'n', endpointUrl: 'http://e/' }))
  expect(config).toMatchObject({
    timeoutSecs: 300,
    maxAttempts: 3,
    retry: { strategy: 'exponential' },
    notYetActing: { always: [], byCron: [] },
  })
})

test('a job that says what happens anyway is acted on whole', () => {
  const job = create(JobSchema, {
    versionPolicy: VersionPolicy.PIN,
    onLostAttempt: OnLostAttempt.RETRY,
    dstGap: DstGap.SKIP,
    dstOverlap: DstOverlap.FIRST,
    misfire: MisfirePolicy.FIRE_ONCE,
    overlap: OverlapPolicy.ALLOW,
    windowPolicy: WindowPolicy.LATEST,
    spreadSecs: 0,
    maxConcurrency: 0,
    retryStrategy: RetryStrategy.LINEAR,
  })
  expect(toJobConfig(job)).toMatchObject({
    retry: { strategy: 'linear' },
    notYetActing: { always: [], byCron: [] },
  })
})

test('a URL with a variable in it is named: nothing fills it in yet', () => {
  const job = create(JobSchema, { endpointUrl: 'http://e/{{TOKEN}}', webhookUrl: 'https://{{HOST}}/' })
  expect(toJobConfig(job).notYetActing).toEqual({ always: ['endpoint_url', 'webhook_url'], byCron: [] })
})

test('everything that is set otherwise is named', () => {
  const job = create(JobSchema, {
    payloadSchema: '{}',
    fallbackEndpointUrl: 'http://f/',
    maxConcurrency: 1,
    executionWindowCron: '* 9-16 * * *',
    rateLimitMax: 1,
    rateLimitWindowSecs: 1,
    maxConcurrencyPerKey: 1,
    rateLimitKeys: [{ name: 'a', max: 1, windowSecs: 1 }],
    dedupWindowSecs: 1,
    runTtlSecs: 1,
    environmentId: '01890000-0000-7000-8000-000000000001',
    versionPolicy: VersionPolicy.LATEST,
    onCompleteTriggerWorkflow: 'w',
    onCompletePayloadMapping: '{}',
    // A hold would follow from the limits.
    onLostAttempt: 9 as OnLostAttempt,
    dstGap: DstGap.SHIFT,
    dstOverlap: DstOverlap.BOTH,
    misfire: MisfirePolicy.SKIP,
    misfireMaxAgeSecs: 3_600,
    overlap: OverlapPolicy.SKIP,
    windowPolicy: WindowPolicy.WAIT,
    spreadSecs: 1,
  })
  const { always, byCron } = toJobConfig(job).notYetActing
  expect([...always, ...byCron]).toEqual(notYetActingFields)
})

test('a hold is named where nobody limits how many run at once, and else the limit alone', () => {
  const held = { onLostAttempt: OnLostAttempt.HOLD }
  const always = (over: object) => toJobConfig(create(JobSchema, { ...held, ...over })).notYetActing.always
  expect(always({})).toEqual(['on_lost_attempt'])
  expect(always({ maxConcurrency: 2 })).toEqual(['max_concurrency'])
})

test('a value of a newer schema does not pass for one that acts', () => {
  expect(toJobConfig(create(JobSchema, { versionPolicy: 9 as VersionPolicy })).notYetActing.always).toEqual([
    'version_policy',
  ])
})
