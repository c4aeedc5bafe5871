import { expect, test } from 'vitest'
import { newApiKey } from '../new-api-key.ts'
import { formatApiKey, hashApiKeySecret, isSecretOf, parseApiKey } from './api-key.ts'

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
