import { parseAllowList, publicOnly } from '@strait/egress/address'
import { expect, test } from 'vitest'
import { createTargetProblem } from '../../target-problem.ts'
import { checkJob, type NewJob } from './check-job.ts'
import type { JobInput } from './job-input.ts'

const context = { projectId: 'mine', targetProblem: createTargetProblem(publicOnly()) }

function anInput(over: Partial<JobInput> = {}): JobInput {
  return {
    projectId: undefined,
    name: 'Nightly report',
    slug: undefined,
    description: undefined,
    cron: undefined,
    cronPayload: undefined,
    timezone: undefined,
    endpointUrl: 'https://example.com/hook',
    maxAttempts: undefined,
    timeoutSecs: undefined,
    defaultRunMetadata: {},
    webhookUrl: undefined,
    webhookSecret: undefined,
    retryStrategy: undefined,
    retryDelaysSecs: [],
    given: new Map(),
    ...over,
  }
}

function accepted(over: Partial<JobInput>): NewJob {
  const checked = checkJob(anInput(over), context)
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems))
  return checked.job
}

function refused(over: Partial<JobInput>): Record<string, string> {
  const checked = checkJob(anInput(over), context)
  if (checked.ok) throw new Error('was accepted')
  return Object.fromEntries(checked.problems.map(({ field, description }) => [field, description]))
}

test('a job with a name and an endpoint gets every default', () => {
  expect(accepted({})).toEqual({
    config: {
      name: 'Nightly report',
      slug: 'nightly-report',
      description: '',
      cron: undefined,
      cronPayload: '{}',
      timezone: 'UTC',
      endpointUrl: 'https://example.com/hook',
      maxAttempts: 3,
      timeoutSecs: 300,
      defaultRunMetadata: {},
      webhookUrl: undefined,
      retryStrategy: 'exponential',
      retryDelaysSecs: [],
    },
    slugIsChosen: false,
    webhookSecret: undefined,
  })
})

test('everything that is wrong is said at once, under the names of the schema', () => {
  const problems = refused({
    name: '',
    slug: 'No Slug',
    description: 'x'.repeat(4_097),
    cron: '61 25 * * *',
    cronPayload: '{"a":1,"a":2}',
    timezone: 'Mars/Olympus',
    endpointUrl: '',
    maxAttempts: 0,
    timeoutSecs: 86_401,
    webhookUrl: 'ftp://example.com',
    webhookSecret: '',
    retryStrategy: 'custom',
    projectId: 'another',
    given: new Map([['max_concurrency', 5]]),
  })
  expect(Object.keys(problems).sort()).toEqual([
    'job.cron',
    'job.cron_payload',
    'job.description',
    'job.endpoint_url',
    'job.max_attempts',
    'job.max_concurrency',
    'job.name',
    'job.project_id',
    'job.retry_delays_secs',
    'job.slug',
    'job.timeout_secs',
    'job.timezone',
    'job.webhook_secret',
    'job.webhook_url',
  ])
})

test('a wrong field weighs more than one that does not act yet', () => {
  const given = new Map([['max_concurrency', 5]])
  expect(checkJob(anInput({ given }), context)).toMatchObject({ ok: false, reason: 'NOT_YET_SUPPORTED' })
  expect(checkJob(anInput({ given, name: '' }), context)).toMatchObject({
    ok: false,
    reason: 'FIELD_INVALID',
  })
})

test.each<[string, Partial<JobInput>, Partial<JobInput>]>([
  ['job.name', { name: '😀'.repeat(255) }, { name: '😀'.repeat(256) }],
  ['job.name', { name: ' x ' }, { name: '  ' }],
  ['job.name', { name: 'a b' }, { name: 'a\0b' }],
  ['job.slug', { slug: 'a'.repeat(128) }, { slug: 'a'.repeat(129) }],
  ['job.slug', { slug: 'a-b_c' }, { slug: 'a--b' }],
  ['job.slug', { slug: 'a' }, { slug: '' }],
  ['job.slug', { slug: 'a' }, { slug: '01890a5d-ac96-774b-bcce-b302099a8057' }],
  ['job.description', { description: '😀'.repeat(4_096) }, { description: '😀'.repeat(4_097) }],
  ['job.cron', { cron: '0 9-17 * * MON-FRI' }, { cron: '' }],
  ['job.cron', { cron: '0 0 29 2 *' }, { cron: '0 0 30 2 *' }],
  ['job.cron', { cron: '* * * * 6' }, { cron: '* * * * 7' }],
  ['job.cron', { cron: '0 * * * *' }, { cron: '@hourly' }],
  ['job.cron', { cron: '0 * * * *' }, { cron: '0 0 * * * *' }],
  ['job.cron_payload', { cronPayload: ' {"a" : 1.0} ' }, { cronPayload: '{"a": 01}' }],
  [
    'job.cron_payload',
    { cronPayload: `"${'x'.repeat(1024 * 1024 - 2)}"` },
    { cronPayload: `"${'x'.repeat(1024 * 1024 - 1)}"` },
  ],
  ['job.timezone', { timezone: 'Europe/Berlin' }, { timezone: '+02:00' }],
  [
    'job.endpoint_url',
    { endpointUrl: `https://example.com/${'x'.repeat(2_028)}` },
    { endpointUrl: `https://example.com/${'x'.repeat(2_029)}` },
  ],
  [
    'job.endpoint_url',
    { endpointUrl: 'http://8.8.8.8:8080/x?y' },
    { endpointUrl: 'http://user:pass@example.com' },
  ],
  ['job.endpoint_url', { endpointUrl: 'http://example.com' }, { endpointUrl: 'http://127.0.0.1/' }],
  ['job.endpoint_url', { endpointUrl: 'http://example.com' }, { endpointUrl: 'http://[::ffff:10.0.0.1]/' }],
  [
    'job.endpoint_url',
    { endpointUrl: 'http://example.com' },
    { endpointUrl: 'http://169.254.169.254/latest' },
  ],
  ['job.endpoint_url', { endpointUrl: 'http://example.com' }, { endpointUrl: 'http://localhost:3000' }],
  ['job.endpoint_url', { endpointUrl: 'http://example.com' }, { endpointUrl: 'example.com' }],
  ['job.webhook_url', { webhookUrl: 'https://example.com/told' }, { webhookUrl: '' }],
  ['job.webhook_secret', { webhookSecret: '😀'.repeat(256) }, { webhookSecret: '😀'.repeat(257) }],
  ['job.max_attempts', { maxAttempts: 1 }, { maxAttempts: 0 }],
  ['job.max_attempts', { maxAttempts: 100 }, { maxAttempts: 101 }],
  ['job.timeout_secs', { timeoutSecs: 1 }, { timeoutSecs: -1 }],
  ['job.timeout_secs', { timeoutSecs: 86_400 }, { timeoutSecs: 86_401 }],
  ['job.retry_strategy', { retryStrategy: 'fixed' }, { retryStrategy: '99' }],
  [
    'job.retry_delays_secs',
    { retryStrategy: 'custom', retryDelaysSecs: [1, 604_800] },
    { retryStrategy: 'custom' },
  ],
  ['job.retry_delays_secs', { retryStrategy: 'linear' }, { retryStrategy: 'linear', retryDelaysSecs: [5] }],
  [
    'job.retry_delays_secs[1]',
    { retryStrategy: 'custom', retryDelaysSecs: [1, 2] },
    { retryStrategy: 'custom', retryDelaysSecs: [1, 604_801] },
  ],
  [
    'job.retry_delays_secs[0]',
    { retryStrategy: 'custom', retryDelaysSecs: [1] },
    { retryStrategy: 'custom', retryDelaysSecs: [0] },
  ],
  [
    'job.retry_delays_secs',
    { retryStrategy: 'custom', retryDelaysSecs: Array(100).fill(1) },
    { retryStrategy: 'custom', retryDelaysSecs: Array(101).fill(1) },
  ],
  ['job.default_run_metadata', { defaultRunMetadata: entries(50) }, { defaultRunMetadata: entries(51) }],
  [
    'job.default_run_metadata',
    { defaultRunMetadata: { ['😀'.repeat(64)]: '' } },
    { defaultRunMetadata: { ['😀'.repeat(65)]: '' } },
  ],
  ['job.default_run_metadata', { defaultRunMetadata: { a: '' } }, { defaultRunMetadata: { '': 'x' } }],
  [
    'job.default_run_metadata["a"]',
    { defaultRunMetadata: { a: '😀'.repeat(1_024) } },
    { defaultRunMetadata: { a: '😀'.repeat(1_025) } },
  ],
  ['job.project_id', { projectId: 'mine' }, { projectId: 'another' }],
])('%s has its bound', (field, inside, outside) => {
  expect(() => accepted(inside)).not.toThrow()
  expect(Object.keys(refused(outside))).toEqual([field])
})

test('a wrong cron names each field of it that is wrong', () => {
  const checked = checkJob(anInput({ cron: '61 25 * 13 *' }), context)
  expect(checked.ok ? [] : checked.problems).toEqual([
    { field: 'job.cron', description: 'minute allows 0 to 59, not "61"' },
    { field: 'job.cron', description: 'hour allows 0 to 23, not "25"' },
    { field: 'job.cron', description: 'month allows 1 to 12, not "13"' },
  ])
})

test('what was given as text keeps its bytes', () => {
  const cronPayload = '{ "n": 9007199254740993, "b": 1.0, "a": "\\u00e9" }'
  expect(accepted({ cronPayload }).config.cronPayload).toBe(cronPayload)
})

test.each([
  ['Crème brûlée №1', 'creme-brulee-no1'],
  ['日本語', 'job'],
  ['01890a5d-ac96-774b-bcce-b302099a8057', 'job'],
])('the name %j makes the slug %j', (name, slug) => {
  expect(accepted({ name })).toMatchObject({ config: { slug }, slugIsChosen: false })
})

test('a deployment may allow special addresses, and never those of cloud metadata', () => {
  const parsed = parseAllowList(['10.1.0.0/16:8080', '127.0.0.0/8', '169.254.0.0/16'])
  const targetProblem = createTargetProblem(parsed.ok ? parsed.allow : publicOnly())
  expect(targetProblem('http://localhost:3000/x')).toBeUndefined()
  expect(targetProblem('http://127.0.0.1/')).toBeUndefined()
  expect(targetProblem('http://10.1.2.3:8080/')).toBeUndefined()
  expect(targetProblem('http://10.1.2.3/')).toMatch(/private/)
  expect(targetProblem('http://169.254.169.254/')).toMatch(/metadata/)
})

function entries(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, 'v']))
}
