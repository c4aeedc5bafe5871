import { expect, test } from 'vitest'
import { createPageTokens } from './page-token.ts'

const secret = { current: Buffer.alloc(32, 7), previous: undefined }
const tokens = createPageTokens(secret)
const list = ['ListApiKeys', 'project']
const place = ['2026-11-25T12:00:00.123456Z', 'abcdefghijkl']

test('a place comes back from every replica that shares the secret', () => {
  expect(createPageTokens(secret).read(list, tokens.write(list, place))).toEqual(place)
})

test.each([
  [['ListApiKeys', 'another project']],
  [['ListJobs', 'project']],
  [['ListApiKeys']],
  [['ListApiKeysproject']],
  [['ListApiKeys', 'project', '']],
])('it is no place in the list %j', (other) => {
  expect(tokens.read(other, tokens.write(list, place))).toBeUndefined()
})

test('a token under another secret is none', () => {
  const other = createPageTokens({ current: Buffer.alloc(32, 8), previous: undefined })
  expect(tokens.read(list, other.write(list, place))).toBeUndefined()
})

test('while the secret is rotated, places come back from replicas with either one', () => {
  const rotating = createPageTokens({ current: Buffer.alloc(32, 8), previous: secret.current })
  expect(rotating.read(list, tokens.write(list, place))).toEqual(place)
  expect(rotating.read(list, rotating.write(list, place))).toEqual(place)
  expect(tokens.read(list, rotating.write(list, place))).toBeUndefined()
})

test('a token with one character changed, missing or added is none', () => {
  const token = tokens.write(list, place)
  for (let at = 0; at < token.length; at++) {
    const [before, after] = [token.slice(0, at), token.slice(at + 1)]
    for (const other of ['A', 'b', '-', '=', '.', ' '].filter((one) => one !== token[at]))
      expect(tokens.read(list, before + other + after), other).toBeUndefined()
    expect(tokens.read(list, before + after)).toBeUndefined()
  }
  for (const more of ['A', '=', '==', '\n', ' ']) expect(tokens.read(list, token + more)).toBeUndefined()
})

test.each(['', 'x', 'nonsense', '\0', '😀', 'a'.repeat(1_000_000), Buffer.alloc(16).toString('base64url')])(
  'what never was a token is none',
  (text) => {
    expect(tokens.read(list, text)).toBeUndefined()
  },
)
