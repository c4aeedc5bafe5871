import { describe, expect, test } from 'vitest'
import { checkTrigger, newRun } from './admit-trigger.ts'
import type { JobConfig } from './job-config.ts'

const fields = (trigger: Partial<Parameters<typeof checkTrigger>[0]>) =>
  checkTrigger({ metadata: {}, tags: {}, minVersion: 0, ...trigger }, 100).map((fault) => fault.field)
const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, 'v']))

describe('a trigger is refused for', () => {
  test.each([
    ['a payload that is not JSON', { payload: '{' }, ['payload']],
    ['an empty payload text', { payload: '' }, ['payload']],
    ['a duplicate key in the payload', { payload: '{"a":1,"a":2}' }, ['payload']],
    ['a payload over the limit', { payload: `"${'x'.repeat(99)}"` }, ['payload']],
    ['an empty idempotency key', { idempotencyKey: '' }, ['idempotency_key']],
    ['an idempotency key of 257 characters', { idempotencyKey: 'é'.repeat(257) }, ['idempotency_key']],
    ['a NUL in the idempotency key', { idempotencyKey: 'a\0' }, ['idempotency_key']],
    ['51 entries of metadata', { metadata: many(51) }, ['metadata']],
    ['an empty metadata key', { metadata: { '': 'v' } }, ['metadata[""]']],
    ['21 tags', { tags: many(21) }, ['tags']],
    ['an empty tag', { tags: { '': 'v' } }, ['tags[""]']],
    ['a tag of 65 characters', { tags: { ['k'.repeat(65)]: 'v' } }, [`tags["${'k'.repeat(65)}"]`]],
    ['a tag value of 257 characters', { tags: { k: 'é'.repeat(257) } }, ['tags["k"]']],
    ['a NUL in a tag', { tags: { k: 'a\0' } }, ['tags["k"]']],
    ['a negative version', { minVersion: -1 }, ['min_version']],
    ['a metadata value of 1,025 characters', { metadata: { k: 'v'.repeat(1_025) } }, ['metadata["k"]']],
    [
      'everything that is wrong at once',
      { payload: '{', idempotencyKey: '' },
      ['payload', 'idempotency_key'],
    ],
  ])('%s', (_, trigger, expected) => {
    expect(fields(trigger)).toEqual(expected)
  })
})

test.each([
  ['nothing but the job', {}],
  ['a payload exactly at the limit', { payload: `"${'x'.repeat(98)}"` }],
  ['an idempotency key of 256 characters outside the basic plane', { idempotencyKey: '😀'.repeat(256) }],
  ['50 entries of metadata', { metadata: many(50) }],
  ['20 tags', { tags: many(20) }],
  [
    'tags with names of prototypes',
    { tags: JSON.parse('{"__proto__":"x","constructor":"y"}') as Record<string, string> },
  ],
  [
    'metadata keys with names of prototypes',
    { metadata: JSON.parse('{"__proto__":"x","constructor":"y"}') as Record<string, string> },
  ],
])('a trigger with %s is admitted', (_, trigger) => {
  expect(fields(trigger)).toEqual([])
})

test("the caller's metadata and tags win over the job's, and the run is pinned to the job's version", () => {
  const job: JobConfig = {
    jobId: '018f0000-0000-7000-8000-000000000000',
    projectId: 'p',
    slug: 's',
    version: 7,
    versionId: 'ver_0000000007',
    endpointUrl: 'http://e/',
    timeoutSecs: 1,
    maxAttempts: 1,
    retry: { strategy: 'fixed', delaysSecs: [] },
    webhookUrl: undefined,
    defaultRunMetadata: { a: 'job', b: 'job' },
    tags: { team: 'job', tier: 'job' },
    notYetActing: { always: [], byCron: [] },
  }
  const run = newRun(job, {
    id: 'r',
    payload: '{}',
    idempotencyKey: undefined,
    metadata: { b: 'caller' },
    tags: { tier: 'caller' },
    triggeredBy: 'manual',
    createdBy: 'apikey:k',
    occurrence: undefined,
    traceparent: 't',
  })
  expect(run).toMatchObject({
    metadata: { a: 'job', b: 'caller' },
    tags: { team: 'job', tier: 'caller' },
    version: 7,
    versionId: 'ver_0000000007',
    jobSlug: 's',
  })
  expect(run.shard).toBeLessThan(64)
})
