import { projectScopes as allScopes } from '@strait/contracts/scopes'
import { expect, test } from 'vitest'
import { type ApiKeyInput, checkNewApiKey } from './check-new-api-key.ts'

const now = new Date('2026-11-25T12:00:00.000Z')
const admin = new Set(['admin'])

/** An instant as a message carries it. */
function at(text: string, nanos = 0) {
  return { seconds: BigInt(Date.parse(text)) / 1_000n, nanos }
}

function check(over: Partial<ApiKeyInput>, own: ReadonlySet<string> = admin) {
  return checkNewApiKey({ name: 'ci', scopes: ['jobs:read'], expiresAt: undefined, ...over }, own, now)
}

function problemsOf(over: Partial<ApiKeyInput>) {
  const checked = check(over)
  return checked.ok ? [] : checked.problems.map(({ field, description }) => `${field} ${description}`)
}

test('a name and scopes make a key without an end, and no scope is a key that opens nothing', () => {
  expect(check({})).toEqual({ ok: true, key: { name: 'ci', scopes: ['jobs:read'], expiresAt: undefined } })
  expect(check({ scopes: [] })).toMatchObject({ ok: true, key: { scopes: [] } })
  expect(check({ scopes: allScopes })).toMatchObject({ ok: true, key: { scopes: allScopes } })
})

test.each([
  ['', 'api_key.name is required'],
  [' \t', 'api_key.name must not be blank'],
  ['x'.repeat(256), 'api_key.name must have at most 255 characters'],
  ['a\0b', 'api_key.name must not contain the NUL character'],
])('the name %j is refused', (name, problem) => {
  expect(problemsOf({ name })).toEqual([problem])
})

test('a name of 255 characters is one, whatever they are', () => {
  expect(problemsOf({ name: '😀'.repeat(255) })).toEqual([])
})

test('a scope that is no word of the schema, or stands there twice, is named by its place', () => {
  expect(problemsOf({ scopes: ['jobs:read', 'Jobs:Read', 'jobs:read', '', 'constructor', 'jobs'] })).toEqual([
    expect.stringMatching(/^api_key\.scopes\[1\] is no scope; there are admin, jobs:read, /),
    'api_key.scopes[2] is there already',
    expect.stringMatching(/^api_key\.scopes\[3\] is no scope/),
    expect.stringMatching(/^api_key\.scopes\[4\] is no scope/),
    expect.stringMatching(/^api_key\.scopes\[5\] is no scope/),
  ])
})

test('a list that is far too long is refused as a whole', () => {
  expect(problemsOf({ scopes: Array(100_000).fill('jobs:read') })).toEqual([
    `api_key.scopes must have each scope once, there are only ${allScopes.length}`,
  ])
})

test.each([
  ['the next millisecond', at('2026-11-25T12:00:00Z', 1_000_000), '2026-11-25T12:00:00.001Z'],
  ['the last one that there is', at('9999-12-31T23:59:59Z', 999_999_999), '9999-12-31T23:59:59.999Z'],
  [
    'what is finer is cut, never rounded up',
    at('2027-01-01T00:00:00Z', 1_999_999),
    '2027-01-01T00:00:00.001Z',
  ],
])('an end may be any time ahead: %s', (_, expiresAt, kept) => {
  const checked = check({ expiresAt })
  expect(checked.ok && checked.key.expiresAt?.toISOString()).toBe(kept)
})

const passed = 'api_key.expires_at has passed; leave it out for never'
const outside = 'api_key.expires_at must be from 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999Z'

test.each([
  ['now', at('2026-11-25T12:00:00Z'), passed],
  ['less than a millisecond ahead', at('2026-11-25T12:00:00Z', 999_999), passed],
  ['the first time that there is', at('0001-01-01T00:00:00Z'), passed],
  ['before that', { seconds: -62_135_596_801n, nanos: 0 }, outside],
  ['after the last one', { seconds: 253_402_300_800n, nanos: 0 }, outside],
  ['beyond everything', { seconds: 2n ** 63n - 1n, nanos: 0 }, outside],
  ['negative nanoseconds', at('2027-01-01T00:00:00Z', -1), expect.stringContaining('nanoseconds, not -1')],
  ['a second of nanoseconds', at('2027-01-01T00:00:00Z', 1e9), expect.stringContaining('nanoseconds')],
])('an end is refused that is %s', (_, expiresAt, problem) => {
  expect(problemsOf({ expiresAt })).toEqual([problem])
})

test('everything that is wrong is said at once', () => {
  expect(problemsOf({ name: '', scopes: ['x'], expiresAt: at('2020-01-01T00:00:00Z') })).toHaveLength(3)
})

test('nobody gives a scope that the own key lacks, and admin has all', () => {
  const own = new Set(['keys:manage', 'jobs:read'])
  expect(check({ scopes: ['keys:manage'] }, own)).toMatchObject({ ok: true })
  expect(check({ scopes: ['jobs:read', 'admin', 'jobs:write'] }, own)).toEqual({
    ok: false,
    reason: 'NOT_ALLOWED',
    scope: 'admin',
    problems: [
      { field: 'api_key.scopes[1]', description: 'your own key lacks admin' },
      { field: 'api_key.scopes[2]', description: 'your own key lacks jobs:write' },
    ],
  })
  for (const scope of allScopes) {
    expect(check({ scopes: [scope] }, new Set(['admin'])), scope).toMatchObject({ ok: true })
    const others = new Set(allScopes.filter((one) => one !== scope && one !== 'admin'))
    expect(check({ scopes: [scope] }, others), scope).toMatchObject({ reason: 'NOT_ALLOWED', scope })
  }
})

test('a key that is wrong is said before a scope that the caller may not give', () => {
  expect(check({ name: '', scopes: ['admin'] }, new Set(['keys:manage']))).toMatchObject({
    reason: 'FIELD_INVALID',
  })
})
