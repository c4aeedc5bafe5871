import { expect, test } from 'vitest'
import { newApiKey } from '../../new-api-key.ts'
import {
  endOfSecret,
  formatApiKey,
  hashApiKeySecret,
  isApiKeyId,
  isSecretOf,
  parseApiKey,
} from './api-key.ts'

test('a new key is read back, and no two are alike', () => {
  const keys = Array.from({ length: 100 }, newApiKey)
  for (const key of keys) expect(parseApiKey(formatApiKey(key))).toEqual(key)
  expect(new Set(keys.map((key) => key.id)).size).toBe(100)
  expect(new Set(keys.map((key) => key.secret)).size).toBe(100)
})

test('a secret has more than 190 bits', () => {
  const { secret } = newApiKey()
  expect(secret).toMatch(/^[0-9A-Za-z]+$/)
  expect(secret.length * Math.log2(62)).toBeGreaterThan(190)
})

test.each([
  'strait_',
  'strait_abcdefghij',
  `strait_abcdefghij_${'x'.repeat(31)}`,
  `strait_ABCDEFGHIJ_${'x'.repeat(40)}`,
  `strait_abc_${'x'.repeat(40)}`,
  `other_abcdefghij_${'x'.repeat(40)}`,
  `strait_abcdefghij_${'x'.repeat(40)}\n`,
])('%j is no key', (text) => {
  expect(parseApiKey(text)).toBeUndefined()
})

test('a secret is known by its hash alone', () => {
  const { secret } = newApiKey()
  const hash = hashApiKeySecret(secret)
  expect(hash).toHaveLength(32)
  expect(hash.includes(secret)).toBe(false)
  expect(isSecretOf(secret, hash)).toBe(true)
  expect(isSecretOf(`${secret}x`, hash)).toBe(false)
  expect(isSecretOf(secret, hash.subarray(1))).toBe(false)
})

test('an id is told from other texts, a whole key among them', () => {
  const key = newApiKey()
  expect(isApiKeyId(key.id)).toBe(true)
  for (const text of [
    formatApiKey(key),
    '',
    'short',
    'ABCDEFGHIJ',
    'a'.repeat(33),
    'abcdefghij\0',
    'abcdefghij\n',
  ])
    expect(isApiKeyId(text)).toBe(false)
})

test.each([
  ['neither ends', undefined, undefined, undefined],
  ['the key ends', 5_000, 5_000, 5_000],
  ['the key ends before the grace', 1_000, 1_000, 1_000],
  ['the key ends after the grace', 9_000, 9_000, 3_000],
] as const)(
  'the newest secret works to the end of the key, the one before not beyond its grace: %s',
  (_, end, current, before) => {
    const at = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms))
    const [now, old] = [newApiKey().secret, newApiKey().secret]
    const previous = { hash: hashApiKeySecret(old), expiresAt: new Date(end === 5_000 ? 6_000 : 3_000) }
    const stored = { secretHash: hashApiKeySecret(now), expiresAt: at(end), previous }
    expect(endOfSecret(now, stored)).toEqual({ at: at(current) })
    expect(endOfSecret(old, stored)).toEqual({ at: at(before) ?? previous.expiresAt })
    expect(endOfSecret(old, { ...stored, previous: undefined })).toBeUndefined()
    expect(endOfSecret(newApiKey().secret, stored)).toBeUndefined()
  },
)
