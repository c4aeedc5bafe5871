// Every field that a job's creator gives, with values at and beyond its bounds: one table for the pure check and for every door.
// Values are those of the domain: enums are words, JSON is text.

import type { JobInput } from '../src/domain/jobs/job-input.ts'

/** A field's cases; each is a job's fields, those included that the field needs beside it. */
export interface FieldCases {
  /** Accepted, and shown as they were given. The first is another value than the default. */
  readonly good: readonly JobInput[]
  /** Refused, each with the paths of the fields at fault, without `job.`. */
  readonly bad: readonly (readonly [fields: JobInput, ...paths: string[]])[]
  /** JSON that is no value of the field at all. */
  readonly wrongType: unknown
}

const text = (count: number) => '😀'.repeat(count)
const entries = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, 'v']))
const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)
const workflow = { onCompleteTriggerWorkflow: 'after' }
const nobody = '01890a5d-ac96-774b-bcce-b302099a8057'

/** A number from `min` to `max`. */
function numberCases(field: keyof JobInput, min: number, max: number, beside: JobInput = {}): FieldCases {
  const of = (value: number) => ({ [field]: value, ...beside })
  const path = String(field).replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  return {
    good: [of(max), of(max - 1), of(Math.max(min, 1))],
    bad: [-2_147_483_648, -1, min - 1, max + 1, 2_147_483_647].map((value) => [of(value), path]),
    wrongType: 'seven',
  }
}

/** One of some words, the default first. */
function wordCases(field: keyof JobInput, words: readonly string[], beside: JobInput = {}): FieldCases {
  const path = String(field).replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  const [anyway = '', ...others] = words
  return {
    good: [...others, anyway].map((word) => ({ [field]: word, ...beside })),
    bad: [
      [{ [field]: '99' }, path],
      [{ [field]: '-1' }, path],
    ],
    wrongType: {},
  }
}

/** A URL of somebody's server. */
function urlCases(field: 'endpointUrl' | 'fallbackEndpointUrl' | 'webhookUrl', path: string): FieldCases {
  const of = (url: string) => ({ [field]: url })
  return {
    good: [
      'https://example.com/other',
      `https://example.com/${'x'.repeat(2_028)}`,
      'http://8.8.8.8:8080/x?y=%20',
      'https://{{REGION}}.example.com:{{PORT}}/{{_p1}}?q={{q}}',
      'http://[{{ADDRESS}}]/',
    ].map(of),
    bad: [
      '',
      'example.com',
      '/hook',
      'ftp://example.com',
      'file:///etc/passwd',
      'http://user:pass@example.com',
      'https://example.com/a b',
      'https://example.com/#x',
      'http://192.168.1.1/',
      'http://10.0.0.1/{{PATH}}',
      'http://169.254.169.254/latest',
      'http://[::ffff:a9fe:a9fe]/',
      'https://example.com/{{1}}',
      'https://example.com/{{A B}}',
      'https://example.com/{{A',
      '{{BASE}}/x',
      `https://example.com/${'x'.repeat(2_029)}`,
    ].map((url) => [of(url), path] as const),
    wrongType: 7,
  }
}

/** The cases of every field, by its name in the schema. */
export const jobFields: Readonly<Record<string, FieldCases>> = {
  project_id: {
    good: [],
    bad: [
      [{ projectId: nobody }, 'project_id'],
      [{ projectId: 'demo' }, 'project_id'],
    ],
    wrongType: 7,
  },
  group_id: {
    good: [],
    bad: ['', 'a-group', nobody].map((groupId) => [{ groupId: groupId as never }, 'group_id'] as const),
    wrongType: 7,
  },
  name: {
    good: [{ name: 'Größe' }, { name: text(255) }, { name: ' x ' }],
    bad: ['', '  ', 'a\0b', text(256)].map((name) => [{ name }, 'name'] as const),
    wrongType: {},
  },
  slug: {
    good: [{ slug: 'other' }, { slug: 'a'.repeat(128) }, { slug: 'a-b_c' }],
    bad: ['', 'a'.repeat(129), 'a--b', 'A', nobody].map((slug) => [{ slug }, 'slug'] as const),
    wrongType: 7,
  },
  description: {
    good: [{ description: 'words\n' }, { description: text(4_096) }],
    bad: [
      [{ description: text(4_097) }, 'description'],
      [{ description: '\0' }, 'description'],
    ],
    wrongType: true,
  },
  cron: {
    good: ['*/5 9-17 * * MON-FRI', '0 0 29 2 *', '? * * * 6'].map((cron) => ({ cron })),
    bad: [
      ...['', '0 0 30 2 *', '* * * * 7', '@hourly', '0 0 * * * *', 'TZ=UTC 0 * * * *', '60 * * * *'].map(
        (cron) => [{ cron }, 'cron'] as const,
      ),
      [{ cron: '61 25 * * *' }, 'cron', 'cron'],
    ],
    wrongType: 7,
  },
  cron_payload: {
    good: [
      '{ "n": 9007199254740993, "z": 1.0, "a": "\\u00e9é", "__proto__": { "constructor": 1 } }',
      'null',
      deep(64),
      `"${'x'.repeat(1024 * 1024 - 2)}"`,
    ].map((cronPayload) => ({ cronPayload })),
    bad: [
      '',
      '{',
      '{"a":1,"a":2}',
      '{"a":01}',
      deep(65),
      deep(10_000),
      `"${'x'.repeat(1024 * 1024 - 1)}"`,
    ].map((cronPayload) => [{ cronPayload }, 'cron_payload'] as const),
    wrongType: 7,
  },
  payload_schema: {
    good: [
      { payloadSchema: '{ "type": "object", "properties": { "n": { "minimum": 1.0 } } }' },
      { payloadSchema: 'true' },
      { payloadSchema: '{"required":["a"]}', cronPayload: '{"a":1}', cron: '0 * * * *' },
      // Nobody sends the default payload of a job that has no cron.
      { payloadSchema: '{"required":["a"]}' },
    ],
    bad: [
      ...[
        '',
        '{',
        '[]',
        '"x"',
        'null',
        '{"a":1,"a":2}',
        '{"type":"objekt"}',
        '{"typ":"object"}',
        deep(10_000),
        '{"$ref":"https://example.com/a"}',
        '{"$ref":"#/nowhere"}',
        '{"pattern":"(?=a)"}',
        '{"pattern":"(a)\\\\1"}',
        '{"uniqueItems":true}',
        '{"$schema":"http://json-schema.org/draft-04/schema#"}',
        '{"format":"iban"}',
        `{"title":"${'x'.repeat(256 * 1024)}"}`,
        '{"properties":{"__proto__":{}}}',
      ].map((payloadSchema) => [{ payloadSchema }, 'payload_schema'] as const),
      [{ payloadSchema: '{"required":["a"]}', cron: '0 * * * *' }, 'cron_payload'],
      [{ payloadSchema: '{"required":["a","b"]}', cronPayload: '{"c":1}' }, 'cron_payload', 'cron_payload'],
      [{ payloadSchema: '{"typ":1}', cronPayload: '{' }, 'cron_payload', 'payload_schema'],
    ],
    wrongType: 7,
  },
  tags: {
    good: [
      { tags: { team: 'a', ['__proto__']: 'kept', constructor: '' } },
      { tags: entries(20) },
      { tags: { [text(64)]: text(256) } },
    ],
    bad: [
      [{ tags: entries(21) }, 'tags'],
      [{ tags: { '': 'x' } }, 'tags'],
      [{ tags: { [text(65)]: '' } }, 'tags'],
      [{ tags: { a: text(257) } }, 'tags["a"]'],
      [{ tags: { ['__proto__']: text(257) } }, 'tags["__proto__"]'],
    ],
    wrongType: ['a'],
  },
  endpoint_url: urlCases('endpointUrl', 'endpoint_url'),
  fallback_endpoint_url: urlCases('fallbackEndpointUrl', 'fallback_endpoint_url'),
  max_attempts: numberCases('maxAttempts', 1, 100),
  timeout_secs: numberCases('timeoutSecs', 1, 86_400),
  max_concurrency: numberCases('maxConcurrency', 0, 1_000_000),
  execution_window_cron: {
    good: ['0 9-17 * * 1-5', '30 9-16 * * *', '* 9-16 * * *', '0-29 9 * * MON'].map((window) => ({
      executionWindowCron: window,
    })),
    bad: [
      ...['', '*/5 9 * * *', '0,30 9 * * *', '0 9-17', '@daily', '0 25 * * *', '0 0 30 2 *'].map(
        (window) => [{ executionWindowCron: window }, 'execution_window_cron'] as const,
      ),
      [{ executionWindowCron: '60 24 * * *' }, 'execution_window_cron', 'execution_window_cron'],
    ],
    wrongType: 7,
  },
  timezone: {
    good: [{ timezone: 'Europe/Berlin' }, { timezone: 'Asia/Kathmandu' }],
    bad: ['', '+02:00', 'Mars/Olympus', 'BST', 'local'].map(
      (timezone) => [{ timezone }, 'timezone'] as const,
    ),
    wrongType: 2,
  },
  rate_limit_max: {
    ...numberCases('rateLimitMax', 1, 100_000, { rateLimitWindowSecs: 60 }),
    bad: [
      ...numberCases('rateLimitMax', 0, 100_000, { rateLimitWindowSecs: 60 }).bad,
      [{ rateLimitMax: 5 }, 'rate_limit_window_secs'],
      [{ rateLimitMax: 5, rateLimitWindowSecs: 0 }, 'rate_limit_window_secs'],
    ],
  },
  rate_limit_window_secs: {
    ...numberCases('rateLimitWindowSecs', 1, 86_400, { rateLimitMax: 5 }),
    bad: [
      ...numberCases('rateLimitWindowSecs', 0, 86_400, { rateLimitMax: 5 }).bad,
      [{ rateLimitWindowSecs: 60 }, 'rate_limit_max'],
    ],
  },
  max_concurrency_per_key: numberCases('maxConcurrencyPerKey', 0, 1_000_000),
  rate_limit_keys: {
    good: [
      {
        rateLimitKeys: [
          { name: 'a.B_c-1', max: 1, windowSecs: 1 },
          { name: 'x'.repeat(64), max: 100_000, windowSecs: 86_400 },
        ],
      },
      { rateLimitKeys: Array.from({ length: 10 }, (_, i) => ({ name: `k${i}`, max: 1, windowSecs: 1 })) },
      { rateLimitKeys: [{ name: '__proto__', max: 1, windowSecs: 1 }] },
    ],
    bad: [
      [
        { rateLimitKeys: Array.from({ length: 11 }, (_, i) => ({ name: `k${i}`, max: 1, windowSecs: 1 })) },
        'rate_limit_keys',
      ],
      [
        {
          rateLimitKeys: [
            { name: 'a', max: 1, windowSecs: 1 },
            { name: 'a', max: 1, windowSecs: 1 },
          ],
        },
        'rate_limit_keys[1].name',
      ],
      [
        { rateLimitKeys: [{ name: '', max: 0, windowSecs: 0 }] },
        'rate_limit_keys[0].name',
        'rate_limit_keys[0].max',
        'rate_limit_keys[0].window_secs',
      ],
      [{ rateLimitKeys: [{ name: 'a b', max: 1, windowSecs: 1 }] }, 'rate_limit_keys[0].name'],
      [
        { rateLimitKeys: [{ name: 'x'.repeat(65), max: 100_001, windowSecs: 86_401 }] },
        'rate_limit_keys[0].name',
        'rate_limit_keys[0].max',
        'rate_limit_keys[0].window_secs',
      ],
    ],
    wrongType: { name: 'a' },
  },
  default_run_metadata: {
    good: [
      { defaultRunMetadata: { ['__proto__']: 'kept', team: '' } },
      { defaultRunMetadata: entries(50) },
      { defaultRunMetadata: { [text(64)]: text(1_024) } },
    ],
    bad: [
      [{ defaultRunMetadata: entries(51) }, 'default_run_metadata'],
      [{ defaultRunMetadata: { '': 'x' } }, 'default_run_metadata'],
      [{ defaultRunMetadata: { [text(65)]: '' } }, 'default_run_metadata'],
      [{ defaultRunMetadata: { a: text(1_025) } }, 'default_run_metadata["a"]'],
    ],
    wrongType: 'a=b',
  },
  dedup_window_secs: numberCases('dedupWindowSecs', 0, 31_536_000),
  enabled: { good: [{ enabled: false }, { enabled: true }], bad: [], wrongType: 'no' },
  webhook_url: urlCases('webhookUrl', 'webhook_url'),
  webhook_secret: {
    good: [{ webhookSecret: 'whsec_canary' }, { webhookSecret: text(256) }],
    bad: ['', text(257), 'a\0'].map((webhookSecret) => [{ webhookSecret }, 'webhook_secret'] as const),
    wrongType: 7,
  },
  run_ttl_secs: numberCases('runTtlSecs', 0, 31_536_000),
  retry_strategy: {
    ...wordCases('retryStrategy', ['exponential', 'linear', 'fixed']),
  },
  retry_delays_secs: {
    good: [
      { retryStrategy: 'custom', retryDelaysSecs: [5, 7] },
      { retryStrategy: 'custom', retryDelaysSecs: Array(100).fill(604_800) },
      { retryStrategy: 'custom', retryDelaysSecs: [1] },
    ],
    bad: [
      [{ retryStrategy: 'custom' }, 'retry_delays_secs'],
      [{ retryDelaysSecs: [5] }, 'retry_delays_secs'],
      [{ retryStrategy: 'linear', retryDelaysSecs: [5] }, 'retry_delays_secs'],
      [{ retryStrategy: 'custom', retryDelaysSecs: Array(101).fill(1) }, 'retry_delays_secs'],
      [
        { retryStrategy: 'custom', retryDelaysSecs: [1, 604_801, 0, -1] },
        'retry_delays_secs[1]',
        'retry_delays_secs[2]',
        'retry_delays_secs[3]',
      ],
    ],
    wrongType: 5,
  },
  environment_id: {
    good: [],
    bad: ['', 'staging', nobody].map((id) => [{ environmentId: id as never }, 'environment_id'] as const),
    wrongType: 7,
  },
  version_policy: wordCases('versionPolicy', ['pin', 'latest', 'minor']),
  backwards_compatible: { good: [{ backwardsCompatible: true }], bad: [], wrongType: 'yes' },
  on_complete_trigger_workflow: {
    good: [workflow, { onCompleteTriggerWorkflow: 'a'.repeat(128) }],
    bad: ['', 'No Slug', 'a'.repeat(129), nobody].map(
      (slug) => [{ onCompleteTriggerWorkflow: slug }, 'on_complete_trigger_workflow'] as const,
    ),
    wrongType: 7,
  },
  on_complete_payload_mapping: {
    good: ['{ "user_id": "result.user.id", "first": "items.0.sku" }', '{}'].map((mapping) => ({
      ...workflow,
      onCompletePayloadMapping: mapping,
    })),
    bad: [
      ...['', '[]', '"result"', '{', deep(10_000), JSON.stringify(entries(101))].map(
        (mapping) =>
          [{ ...workflow, onCompletePayloadMapping: mapping }, 'on_complete_payload_mapping'] as const,
      ),
      [{ ...workflow, onCompletePayloadMapping: '{"x":"a..b"}' }, 'on_complete_payload_mapping["x"]'],
      [
        { ...workflow, onCompletePayloadMapping: '{"x":1,"y":"constructor"}' },
        'on_complete_payload_mapping["x"]',
        'on_complete_payload_mapping["y"]',
      ],
      [
        { ...workflow, onCompletePayloadMapping: '{"__proto__":"a"}' },
        'on_complete_payload_mapping["__proto__"]',
      ],
      [{ onCompletePayloadMapping: '{}' }, 'on_complete_payload_mapping'],
    ],
    wrongType: 7,
  },
  dst_gap: wordCases('dstGap', ['skip', 'shift']),
  dst_overlap: wordCases('dstOverlap', ['first', 'both']),
  misfire: wordCases('misfire', ['fire_once', 'skip', 'fire_all']),
  misfire_max_age_secs: numberCases('misfireMaxAgeSecs', 1, 604_800),
  overlap: wordCases('overlap', ['allow', 'skip', 'queue_one']),
  window_policy: wordCases('windowPolicy', ['latest', 'wait', 'skip']),
  spread_secs: numberCases('spreadSecs', 0, 3_600),
  on_lost_attempt: wordCases('onLostAttempt', ['retry', 'hold']),
}
