import { create, type MessageInitShape } from '@bufbuild/protobuf'
import { timestampFromDate } from '@bufbuild/protobuf/wkt'
import { JobSchema, RetryStrategy } from '@strait/contracts/catalog/v1/job_pb'
import { AttemptOutcome, AttemptSchema, RunSchema, RunStatus } from '@strait/contracts/dispatcher/v1/run_pb'
import { FeedNewsSchema, RunFeedEventSchema } from '@strait/contracts/events/v1/feed_pb'
import { expect, test } from 'vitest'
import { writeField, writeJson } from './write-json.ts'

const run = (init: MessageInitShape<typeof RunSchema>) => writeJson(RunSchema, create(RunSchema, init))

test('every field is there by its name in the schema, the unset ones as null', () => {
  const shown = JSON.parse(run({ id: 'r', status: RunStatus.TIMED_OUT }))
  expect(Object.keys(shown)).toEqual(RunSchema.fields.map((field) => field.name))
  expect(shown).toMatchObject({
    id: 'r',
    status: 'timed_out',
    attempt: 0,
    payload: null,
    result: null,
    error: null,
    metadata: {},
    started_at: null,
    resolved_version: null,
    triggered_by: null,
  })
})

test('JSON text stands as it is, byte for byte', () => {
  const payload = '{ "z":9007199254740993, "a":"\\u00e9\\/" }'
  expect(run({ payload, result: '1e400' })).toContain(`"payload":${payload},"result":1e400,`)
})

test('whole numbers keep their digits, times are RFC 3339, enums are words', () => {
  const attempt = create(AttemptSchema, {
    fence: 9007199254740993n,
    outcome: AttemptOutcome.IN_FLIGHT,
    startedAt: timestampFromDate(new Date('2026-01-02T03:04:05.6Z')),
  })
  const text = writeJson(AttemptSchema, attempt)
  expect(text).toContain('"fence":9007199254740993,')
  expect(JSON.parse(text)).toMatchObject({
    outcome: 'in_flight',
    started_at: '2026-01-02T03:04:05.600Z',
    finished_at: null,
  })
})

test('lists, maps, messages and strange strings are JSON', () => {
  const job = create(JobSchema, {
    name: 'a "b" \u2028 \n',
    retryStrategy: RetryStrategy.CUSTOM,
    retryDelaysSecs: [1, 2],
    tags: { ['__proto__']: 'x', 'k"': 'v' },
    rateLimitKeys: [{ name: 'a', max: 1, windowSecs: 2 }],
    enabled: false,
  })
  const shown = JSON.parse(writeJson(JobSchema, job))
  expect(shown).toMatchObject({
    name: 'a "b" \u2028 \n',
    retry_strategy: 'custom',
    retry_delays_secs: [1, 2],
    rate_limit_keys: [{ name: 'a', max: 1, window_secs: 2 }],
    enabled: false,
    group_id: null,
  })
  expect(Object.entries(shown.tags)).toEqual([
    ['__proto__', 'x'],
    ['k"', 'v'],
  ])
})

test('of a choice the chosen field has a value, bytes are base64', () => {
  const due = create(RunFeedEventSchema, { event: { case: 'due', value: { runId: 'r' } } })
  expect(JSON.parse(writeJson(RunFeedEventSchema, due))).toMatchObject({ due: { run_id: 'r' }, ended: null })
  const news = create(FeedNewsSchema, { row: { body: Uint8Array.of(1, 2, 255) } })
  expect(JSON.parse(writeJson(FeedNewsSchema, news))).toEqual({ row: { cursor: null, body: 'AQL/' } })
})

test('one field alone is written as it is among the others', () => {
  const job = create(JobSchema, {
    name: 'A',
    cronPayload: '{ "a": 1.0 }',
    retryStrategy: RetryStrategy.LINEAR,
  })
  const field = (name: string) => writeField(JobSchema, job, name)
  expect(['name', 'cron_payload', 'retry_strategy', 'tags'].map(field)).toEqual([
    '"A"',
    '{ "a": 1.0 }',
    '"linear"',
    '{}',
  ])
  // Not set, never shown, not there.
  expect(['cron', 'webhook_secret', 'no_such'].map(field)).toEqual(['null', 'null', 'null'])
})
