// What a fuzzed request is made of: values that are good for a field, by its name, so that a call gets as far as it can; and values that
// somebody might send to see what breaks, by the type of the field.

import { type DescField, ScalarType } from '@bufbuild/protobuf'
import type { Chance } from './fuzz-random.ts'

const deep = 10_000

/** What secrets contain, and no answer may. */
export const canary = 'canary-that-sings'

/** Values that pass the checks of fields of these names. */
export const goodTexts: Readonly<Record<string, readonly string[]>> = {
  name: ['Nightly import', 'A', 'API_TOKEN', 'constructor', 'é'.repeat(255)],
  slug: ['one', 'two', 'three', 'a-b_c', 'constructor'],
  description: ['What it does', ''],
  text: ['nightly', 'a'],
  cron: ['*/5 * * * *', '0 0 29 2 *', '0 9 * * MON-FRI'],
  timezone: ['Europe/Paris', 'UTC'],
  endpoint_url: ['https://example.com/hook', 'https://{{HOST}}/hook'],
  fallback_endpoint_url: ['https://example.com/other'],
  webhook_url: ['https://example.com/told'],
  webhook_secret: [
    `whsec_${Buffer.from(`${canary}-and-is-long-enough`).toString('base64')}`,
    `${canary}-in-plain-text`,
  ],
  execution_window_cron: ['0 9-17 * * 1-5', '* 9-16 * * *'],
  cron_payload: ['{}', '{"a":1}', '[1e400,"\\u0000","\\ud800"]'],
  payload: ['{}', '{"a":{"$cel":"payload.a"}}', '"{{ payload.a }}"'],
  payload_schema: [
    '{"type":"object"}',
    '{"$defs":{"a":{"type":"string"}},"properties":{"a":{"$ref":"#/$defs/a"}}}',
    'true',
  ],
  on_complete_payload_mapping: ['{"a":"result.b"}', '{"__proto__":"run.id","constructor":"payload.0.x"}'],
  on_complete_trigger_workflow: ['one', 'two'],
  condition: ['true', 'payload.a > 1', 'steps.only.output.x == "y"'],
  items: ['payload.items', '[1, 2]'],
  concurrency_key: ['payload.a', 'key', '"key"'],
  event: ['paid', 'order.paid'],
  message: ['Please look'],
  ref: ['only', 'second'],
  depends_on: ['only', 'second'],
  scopes: ['jobs:read', 'jobs:write', 'audit:read', 'keys:manage'],
  egress_allow: ['127.0.0.0/8', '127.0.0.1:8080'],
  version: ['1', '2', '3'],
  from: ['1', '2'],
  to: ['1', '2'],
  action: ['job.created', 'environment.updated'],
  resource_type: ['job', 'api_key'],
  previous_hash: ['', '0'.repeat(64)],
  variables: [`${canary} in a variable`],
  set: [`${canary} in a variable`],
}

/** Values that pass the checks of most whole numbers. */
export const goodNumbers: readonly number[] = [1, 2, 60, 100, 300]

const hostileTexts: readonly string[] = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\ud800',
  'x\udc00y',
  '\u202e\u0007\u2028',
  '__proto__',
  'constructor',
  'toString',
  "'; drop table jobs; --",
  '"%\\_',
  '{{',
  '{{__proto__}}',
  'https://{{A}}{{B}}.example.com:{{PORT}}/{{C',
  'https://[::1',
  'https://example.com:99999/',
  'https://example.com/\ud800',
  'https://user:pass@example.com/',
  'http://169.254.169.254/',
  '0',
  '-1',
  '007',
  '2147483648',
  '99999999999999999999',
  '1e999',
  'ver_0000000000',
  '00000000-0000-0000-0000-000000000000',
  'FFFFFFFF-FFFF-7FFF-BFFF-FFFFFFFFFFFF',
  '01890a5d-ac96-774b-bcce-b302099a8057',
  'x'.repeat(256),
  'x'.repeat(70_000),
  '💥'.repeat(200),
  'a-'.repeat(64),
  '* * * * 99999999999',
  '*/0 * * * *',
  '0-59/999 * * * *',
  '0 0 31 2 *',
  'Europe/\0',
  '../../etc/passwd',
  '[',
  '{"a":1,"a":2}',
  '"\\u0000"',
  '"\\ud800"',
  'null',
  '1e400',
  '{"__proto__":{"a":1},"constructor":"x"}',
  '['.repeat(deep),
  `${'['.repeat(deep)}${']'.repeat(deep)}`,
  '{"a":'.repeat(deep),
  `${'{"not":'.repeat(60)}{}${'}'.repeat(60)}`,
  '{"$ref":"#"}',
  '{"$ref":"https://example.com/schema"}',
  '{"pattern":"(a+)+$"}',
  '{"type":"object","properties":{"__proto__":{"type":"string"}},"required":["constructor"]}',
  '{"minLength":1e400}',
  '{"$schema":"http://json-schema.org/draft-07/schema#","$id":"\\u0000"}',
  `${'('.repeat(deep)}true${')'.repeat(deep)}`,
  `${'!'.repeat(deep)}true`,
  `${'a.'.repeat(deep)}b`,
  `${'a ? b : '.repeat(1_000)}c`,
  '"\\xff"',
  'matches("(a+)+$", payload.a)',
  '9223372036854775808',
]

const hostileNumbers: readonly unknown[] = [
  0,
  -1,
  2_147_483_647,
  -2_147_483_648,
  2_147_483_648,
  1.5,
  1e300,
  '1',
  '0x10',
  '9223372036854775807',
  '-9223372036854775808',
  '9223372036854775808',
]

const hostileInstants: readonly unknown[] = [
  '0001-01-01T00:00:00Z',
  '9999-12-31T23:59:59.999999999Z',
  '1969-12-31T23:59:59.999999999Z',
  '2100-01-01T00:00:00.000000001Z',
  '2000-01-01T00:00:60Z',
  '2000-02-30T00:00:00Z',
  '0000-00-00T00:00:00Z',
  '',
  1,
]

const hostileThings: readonly unknown[] = [null, {}, [], '', 1, true, [null], { '': {} }]

/** A value that should not be in a field, or only just may. */
export function hostileValue(chance: Chance, field: DescField, known: readonly string[]): unknown {
  // What is of the wrong type altogether is refused by the decoder; it is tried, but is not all that is.
  if (chance.odds(0.1)) return chance.any(hostileThings)
  if (field.fieldKind === 'map') return hostileMap(chance, known)
  if (field.fieldKind === 'list') return hostileList(chance, field, known)
  if (field.fieldKind === 'enum') return chance.any([0, 99, -1, 2_147_483_648, 'NO_SUCH_VALUE', '__proto__'])
  if (field.message?.typeName === 'google.protobuf.Timestamp') return chance.any(hostileInstants)
  if (field.message !== undefined) return chance.any(hostileThings)
  if (field.scalar === ScalarType.STRING) return hostileText(chance, known)
  if (field.scalar === ScalarType.BOOL) return chance.any([null, 'true', 1])
  return chance.any(hostileNumbers)
}

/** A text that somebody might send: one that is made up, or one that belongs elsewhere, as it is or damaged. */
export function hostileText(chance: Chance, known: readonly string[]): string {
  if (known.length === 0 || chance.odds(0.6)) return chance.any(hostileTexts)
  const text = chance.any(known)
  return chance.any([
    text,
    text.toUpperCase(),
    text.slice(0, text.length / 2),
    `${text} `,
    `${text}\0`,
    `"${text}"`,
    `W/"${text}"`,
  ])
}

function hostileMap(chance: Chance, known: readonly string[]): unknown {
  const keys = ['__proto__', 'constructor', 'toString', '', hostileText(chance, known)]
  const value = () =>
    chance.odds(0.2) ? { variables: { __proto__: null, A: 'x' } } : hostileText(chance, known)
  const count = chance.any([1, 2, 51, 1_001])
  // Made of entries, so that `__proto__` is a key like any other.
  return Object.fromEntries(
    Array.from({ length: count }, (_, i) => [i < 2 ? chance.any(keys) : `key${i}`, i < 2 ? value() : 'x']),
  )
}

function hostileList(chance: Chance, field: DescField, known: readonly string[]): unknown {
  const isText =
    field.fieldKind === 'list' && field.listKind === 'scalar' && field.scalar === ScalarType.STRING
  const item = () => (isText ? hostileText(chance, known) : chance.any([...hostileNumbers, ...hostileThings]))
  const first = item()
  return Array.from({ length: chance.any([0, 1, 2, 101, 1_001]) }, () => (chance.odds(0.5) ? first : item()))
}
