import { create } from '@bufbuild/protobuf'
import { CreateJobRequestSchema } from '@strait/contracts/catalog/v1/job_service_pb'
import { CreateRunsRequestSchema } from '@strait/contracts/dispatcher/v1/dispatcher_internal_service_pb'
import { expect, test } from 'vitest'
import { Refusal } from '../refusal.ts'
import { decodeBinary, decodeJson } from './decode.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const json = (text: string) => () => decodeJson(CreateJobRequestSchema, bytes(text))
const binary =
  (...message: number[]) =>
  () =>
    decodeBinary(CreateJobRequestSchema, Uint8Array.from(message))

/** What a decoding is refused with. */
function refused(decode: () => unknown): { reason: string; fields: readonly string[]; said: string } {
  try {
    decode()
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown
    return { reason: thrown.reason, fields: thrown.violations.map((v) => v.field), said: thrown.message }
  }
  throw new Error('it was not refused')
}

test('a message is read by the names of the schema and by those of JSON', () => {
  const read = json('{"job":{"name":"n","maxAttempts":2,"timeout_secs":3,"tags":{"__proto__":"t"}}}')()
  expect(read).toMatchObject({ job: { name: 'n', maxAttempts: 2, timeoutSecs: 3 } })
  expect(Object.entries((read as unknown as { job: { tags: object } }).job.tags)).toEqual([
    ['__proto__', 't'],
  ])
})

test('no bytes are the empty message, in both forms', () => {
  expect(json('')()).toEqual(create(CreateJobRequestSchema))
  expect(binary()()).toEqual(create(CreateJobRequestSchema))
})

test.each([
  ['{"jab":{}}', ['jab']],
  ['{"job":{"nmae":"x"}}', ['job.nmae']],
  ['{"job":{"nmae":"x","maxAttempts":"many"},"x":1}', ['job.nmae', 'x']],
  ['{"job":{"rateLimitKeys":[{"name":"a"},{"nam":"b"}]}}', ['job.rate_limit_keys[1].nam']],
  ['{"__proto__":{}}', ['__proto__']],
  ['{"constructor":1}', ['constructor']],
])('%s has fields that nobody knows', (text, fields) => {
  expect(refused(json(text))).toMatchObject({ reason: 'FIELD_UNKNOWN', fields })
})

test.each([
  ['{"job":{"maxAttempts":"many"}}', 'job.max_attempts: must be a whole number of 32 bits'],
  ['{"job":{"timeout_secs":2.5}}', 'job.timeout_secs: must be a whole number of 32 bits'],
  ['{"job":{"timeoutSecs":99999999999}}', 'job.timeout_secs: must be a whole number of 32 bits'],
  ['{"job":{"name":7}}', 'job.name: must be a string of Unicode text'],
  ['{"job":{"name":"\\ud800"}}', 'job.name: must be a string of Unicode text'],
  ['{"job":{"enabled":"yes"}}', 'job.enabled: must be true or false'],
  ['{"job":{"createdAt":"today"}}', 'job.created_at: must be a time like 2026-01-02T03:04:05Z'],
  ['{"job":"mine"}', 'job: must be an object'],
  ['{"job":[]}', 'job: must be an object'],
  ['{"job":{"tags":["a"]}}', 'job.tags: must be an object'],
  ['{"job":{"tags":{"a":"b","c":1}}}', 'job.tags[c]: must be a string of Unicode text'],
  ['{"job":{"tags":{"c":null}}}', 'job.tags[c]: must be a string of Unicode text'],
  ['{"job":{"retryDelaysSecs":7}}', 'job.retry_delays_secs: must be a list'],
  ['{"job":{"retryDelaysSecs":[1,"x"]}}', 'job.retry_delays_secs[1]: must be a whole number of 32 bits'],
  [
    '{"job":{"rateLimitKeys":[{"max":"x"}]}}',
    'job.rate_limit_keys[0].max: must be a whole number of 32 bits',
  ],
  ['{"job":{"rateLimitKeys":[7]}}', 'job.rate_limit_keys[0]: must be an object'],
  [
    '{"job":{"maxAttempts":1,"max_attempts":2}}',
    'job.max_attempts: is given besides maxAttempts: only one can be meant',
  ],
  [
    '{"job":{"name":7,"enabled":7},"validateOnly":7}',
    'job.name: must be a string of Unicode text; job.enabled: must be true or false; validate_only: must be true or false',
  ],
])('%s: %s', (text, said) => {
  expect(refused(json(text))).toMatchObject({ reason: 'FIELD_INVALID', said })
})

test('a word that an enum does not have is answered with those that it has', () => {
  const { fields, said } = refused(json('{"job":{"retryStrategy":"eager"}}'))
  expect(fields).toEqual(['job.retry_strategy'])
  expect(said).toContain('RETRY_STRATEGY_EXPONENTIAL, ')
})

test.each(['{', '[]', '"job"', 'null', '7', '{"job":{}} {}', "{'job':1}", '\u0000'])(
  'the body %j is no message',
  (text) => {
    expect(refused(json(text))).toMatchObject({ reason: 'BODY_MALFORMED', fields: [] })
  },
)

test.each([
  ['{"job":{"name":"a"},"job":{"name":"b"}}', 'has the same key twice at character 26'],
  ['{"job":{"tags":{"a":"1","\\u0061":"2"}}}', 'has the same key twice'],
  [`{"job":${'['.repeat(200)}${']'.repeat(200)}}`, 'is more than 128 levels deep'],
  [`{"x":${'[{"a":'.repeat(10_000)}1${'}]'.repeat(10_000)}}`, 'is more than 128 levels deep'],
])('JSON that %2$s is refused (%#)', (text, why) => {
  expect(refused(json(text))).toMatchObject({ reason: 'BODY_MALFORMED', said: expect.stringContaining(why) })
})

test('JSON that is not UTF-8 is no message', () => {
  const latin1 = Uint8Array.from([...bytes('{"job":{"name":"'), 0xe9, ...bytes('"}}')])
  expect(refused(() => decodeJson(CreateJobRequestSchema, latin1)).reason).toBe('BODY_MALFORMED')
})

test('a hostile number of faults is answered in no time, with the first of them', () => {
  const hostile = JSON.stringify({
    job: Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`f${i}`, i])),
  })
  const { reason, fields } = refused(json(hostile))
  expect(reason).toBe('FIELD_UNKNOWN')
  expect(fields).toHaveLength(20)
  const numbers = JSON.stringify({ job: { retryDelaysSecs: Array.from({ length: 50_000 }, () => 'x') } })
  expect(refused(json(numbers)).fields).toHaveLength(20)
})

test('in binary an unknown field is named by its number, with the way to it', () => {
  expect(refused(binary(0x98, 0x06, 0x01))).toMatchObject({ reason: 'FIELD_UNKNOWN', fields: ['99'] })
  // job (1) { 99: 1 }
  expect(refused(binary(0x0a, 3, 0x98, 0x06, 0x01))).toMatchObject({
    reason: 'FIELD_UNKNOWN',
    fields: ['job.99'],
  })
})

test('an unknown field in an item of a list, or in a time, is found too', () => {
  // items (1): one that is empty, then one of three bytes, { 99: 1 }
  const items = Uint8Array.from([0x0a, 0, 0x0a, 3, 0x98, 0x06, 0x01])
  expect(refused(() => decodeBinary(CreateRunsRequestSchema, items)).fields).toEqual(['items[1].99'])
  // job (1) { created_at (40) { 99: 1 } }
  expect(refused(binary(0x0a, 6, 0xc2, 0x02, 3, 0x98, 0x06, 0x01)).fields).toEqual(['job.created_at.99'])
})

test.each([
  ['a wire type that there is not', [0x0f]],
  ['a length beyond the end', [0x0a, 0x7f, 0x00]],
  ['a number without an end', [0x10, 0xff]],
  ['text that is not UTF-8', [0x0a, 4, 0x22, 2, 0xff, 0xfe]],
])('%s is no message in binary', (_, message) => {
  expect(refused(binary(...message))).toMatchObject({ reason: 'BODY_MALFORMED', fields: [] })
})
