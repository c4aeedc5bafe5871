import { expect, test } from 'vitest'
import { checkApiKeyPatch } from './check-api-key-patch.ts'

const known = new Set(['id', 'name', 'scopes', 'expires_at', 'etag'])
const key = { name: 'ci', expiresAt: { seconds: 1_800_000_000n, nanos: 0 } }
const at = new Date(1_800_000_000_000)

test.each([
  [[], {}],
  [['name'], { name: 'ci' }],
  [['expires_at'], { end: { at } }],
  [['expires_at', 'name', 'name'], { name: 'ci', end: { at } }],
] as const)('of the mask %j exactly that is changed', (mask, patch) => {
  expect(checkApiKeyPatch({ key, mask }, known)).toEqual({ ok: true, patch })
})

test('an end that is named and not set is cleared, a name is not', () => {
  const empty = { name: '', expiresAt: undefined }
  expect(checkApiKeyPatch({ key: empty, mask: ['expires_at'] }, known)).toEqual({
    ok: true,
    patch: { end: { at: undefined } },
  })
  expect(checkApiKeyPatch({ key: empty, mask: ['name'] }, known)).toEqual({
    ok: false,
    problems: [{ field: 'api_key.name', description: 'is required' }],
  })
})

test('what the mask does not name is not looked at', () => {
  const wrong = { name: '', expiresAt: { seconds: 10n ** 18n, nanos: -1 } }
  expect(checkApiKeyPatch({ key: wrong, mask: [] }, known)).toEqual({ ok: true, patch: {} })
})

test.each([
  ['id', '"id" is set by the catalog alone'],
  ['etag', '"etag" is set by the catalog alone'],
  ['scopes', '"scopes" is fixed when a key is made: make another key'],
  ['expiresAt', '"expiresAt" is no field of an API key'],
  ['*', '"*" is no field of an API key'],
  ['', '"" is no field of an API key'],
  ['api_key.name', '"api_key.name" is no field of an API key'],
  ['__proto__', '"__proto__" is no field of an API key'],
])('a mask with %j is refused', (path, description) => {
  expect(checkApiKeyPatch({ key, mask: ['name', path] }, known)).toEqual({
    ok: false,
    problems: [{ field: 'update_mask', description }],
  })
})

test('a change without a mask or without a key is refused, and both are said', () => {
  const checked = checkApiKeyPatch({ key: undefined, mask: undefined }, known)
  expect(checked.ok ? [] : checked.problems.map(({ field }) => field)).toEqual(['api_key', 'update_mask'])
})

test('of a great many wrong paths some are named', () => {
  const mask = Array.from({ length: 100_000 }, (_, nth) => `path-${nth}`)
  const checked = checkApiKeyPatch({ key, mask }, known)
  expect(checked.ok ? [] : checked.problems).toHaveLength(20)
})
