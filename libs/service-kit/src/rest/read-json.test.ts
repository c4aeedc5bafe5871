import { JobSchema } from '@strait/contracts/catalog/v1/job_pb'
import { AttemptSchema } from '@strait/contracts/dispatcher/v1/run_pb'
import { TriggerJobRequestSchema } from '@strait/contracts/dispatcher/v1/run_service_pb'
import { FeedCursorSchema } from '@strait/contracts/events/v1/feed_pb'
import { checkJsonText } from '@strait/domain/json-text'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Refusal } from '../refusal.ts'
import { readJson } from './read-json.ts'

const request = { prefix: '', nullIsJson: true }
const resource = { prefix: 'job.', nullIsJson: false }
const trigger = (text: string) => readJson(TriggerJobRequestSchema, text, request)
const job = (text: string) => readJson(JobSchema, text, resource)

function refused(read: () => unknown): string {
  try {
    read()
  } catch (thrown) {
    if (thrown instanceof Refusal && thrown.reason === 'BODY_MALFORMED') return thrown.message
    throw thrown
  }
  throw new Error('it was not refused')
}

test.each([
  '9007199254740993',
  '{"z":1,"a":2}',
  '{ "b" : [1,\n\t2] , "a":"\\u00e9é\\/" }',
  '"a \\" b"',
  '-0.10e+5',
  'null',
  '[]',
])('the payload %j is taken as it stands', (payload) => {
  for (const text of [`{"payload":${payload}}`, ` { "payload" :  ${payload} \n , "job":"j" } `])
    expect(trigger(text).json.payload).toBe(payload)
})

test('any payload is taken byte for byte, wherever it stands', () => {
  fc.assert(
    fc.property(fc.json(), fc.constantFrom('', ' ', '\n\t '), (payload, space) => {
      if (!checkJsonText(payload, { maxBytes: 1e9, maxDepth: 100 }).ok) return
      const { json } = trigger(`{"metadata":{"a":"b"},"payload":${space}${payload}${space},"job":"x"}`)
      expect(json.payload).toBe(payload)
      expect(json.job).toBe('x')
    }),
    { seed: 1, numRuns: 300 },
  )
})

test('null is a payload, and the absence of what a resource has', () => {
  expect(trigger('{"payload":null}').json).toEqual({ payload: 'null' })
  expect(job('{"cron_payload":null,"cron":null,"tags":null,"retry_strategy":null,"name":"n"}')).toMatchObject(
    {
      json: { name: 'n' },
      present: ['cron_payload', 'cron', 'tags', 'retry_strategy', 'name'],
      invalid: [],
    },
  )
})

test('words become the names of the schema, numbers keep their digits', () => {
  expect(job('{"retry_strategy":"custom","retry_delays_secs":[1,2e0]}').json).toEqual({
    retry_strategy: 'RETRY_STRATEGY_CUSTOM',
    retry_delays_secs: [1, 2],
  })
  const { json } = readJson(AttemptSchema, '{"fence":9007199254740993,"outcome":"in_flight"}', request)
  expect(json).toEqual({ fence: '9007199254740993', outcome: 'ATTEMPT_OUTCOME_IN_FLIGHT' })
  expect(readJson(AttemptSchema, '{"fence":"9007199254740993"}', request).json).toEqual({
    fence: '9007199254740993',
  })
})

test.each([
  ['{"nmae":1}', 'job.nmae'],
  ['{"maxAttempts":1}', 'job.maxAttempts'],
  ['{"rate_limit_keys":[{"name":"a"},{"windowSecs":1}]}', 'job.rate_limit_keys[1].windowSecs'],
  ['{"__proto__":1}', 'job.__proto__'],
  ['{"constructor":{"a":1}}', 'job.constructor'],
])('%s has a name that nobody knows: %s', (text, field) => {
  expect(job(text).unknown).toEqual([{ field, description: 'no such field' }])
})

test.each([
  ['{"retry_strategy":"eager"}', 'job.retry_strategy', 'must be one of exponential, linear, fixed, custom'],
  ['{"retry_strategy":"RETRY_STRATEGY_FIXED"}', 'job.retry_strategy', 'must be one of exponential'],
  ['{"retry_strategy":1}', 'job.retry_strategy', 'must be one of exponential'],
  ['{"max_attempts":"3"}', 'job.max_attempts', 'must be a number, not a string'],
  ['{"retry_delays_secs":7}', 'job.retry_delays_secs', 'must be a list'],
  ['{"retry_delays_secs":[1,null]}', 'job.retry_delays_secs[1]', 'must not be null'],
  ['{"tags":[]}', 'job.tags', 'must be an object'],
  ['{"tags":{"a":null}}', 'job.tags["a"]', 'must not be null'],
  ['{"rate_limit_keys":["a"]}', 'job.rate_limit_keys[0]', 'must be an object'],
])('%s cannot be read: %s %s', (text, field, description) => {
  const { invalid } = job(text)
  expect(invalid).toEqual([{ field, description: expect.stringContaining(description) }])
})

test('what is wrong is told at once, but not without end', () => {
  const { unknown, invalid } = job('{"a":1,"retry_strategy":1,"b":2,"tags":1}')
  expect(unknown.map(({ field }) => field)).toEqual(['job.a', 'job.b'])
  expect(invalid.map(({ field }) => field)).toEqual(['job.retry_strategy', 'job.tags'])
  const many = JSON.stringify(Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`f${i}`, i])))
  expect(job(many).unknown).toHaveLength(20)
})

test.each([
  ['', 'expects a value'],
  ['[]', 'is not an object'],
  ['"x"', 'is not an object'],
  ['null', 'is not an object'],
  ['{"name":"a"', 'expects a comma or }'],
  ['{"name":"a",}', 'expects a key'],
  ['{"name":"a"} x', 'has text behind its end'],
  ['{"name":"a"}{}', 'has text behind its end'],
  ['{name:"a"}', 'expects a key'],
  ['{"name":"a","name":"b"}', 'has the key "name" twice'],
  ['{"name":"a","n\\u0061me":"b"}', 'has the key "name" twice'],
  ['{"tags":{"a":"1","a":"2"}}', 'has the key "a" twice'],
  ['{"name":"\u0001"}', 'has a control character'],
  ['{"x":{"y":{"y":1,"y":2}}}', 'has the same key twice'],
  [`{"x":${'{"a":'.repeat(130)}`, 'is more than 128 levels deep'],
  ['{"retry_delays_secs":[1 2]}', 'expects a comma or ]'],
])('%j is no object to be read: it %s', (text, why) => {
  expect(refused(() => job(text))).toContain(why)
})

test.each([
  ['{"cron_payload":{"a":1,"a":2}}', 'has the same key twice'],
  ['{"cron_payload":{"a":01}}', 'expects a comma or }'],
  [`{"cron_payload":${'['.repeat(130)}`, 'is more than 128 levels deep'],
])('in %j the JSON text is at fault: it %s', (text, why) => {
  expect(() => job(text)).toThrow(`job.cron_payload: ${why}`)
})

test('a message inside a message is read in the same way', () => {
  expect(readJson(FeedCursorSchema, '{"xid":"1","pos":"2"}', request).json).toEqual({ xid: '1', pos: '2' })
  expect(job('{"rate_limit_keys":[{"name":"a","max":1,"window_secs":2}]}').json).toEqual({
    rate_limit_keys: [{ name: 'a', max: 1, window_secs: 2 }],
  })
})

test('the keys of a map are the caller’s own, whatever they are called', () => {
  const { json } = job('{"tags":{"__proto__":"t","constructor":"c"}}')
  expect(Object.entries(json.tags as object)).toEqual([
    ['__proto__', 't'],
    ['constructor', 'c'],
  ])
})
