import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import {
  isSealedWith,
  newDataKey,
  open,
  openDataKey,
  SealError,
  seal,
  sealDataKeyAnew,
} from './secret-box.ts'

const key = randomBytes(32)
const belonging = { projectId: 'p', ownerId: 'j', field: 'webhook_secret' }
const secret = Buffer.from('whsec_canary')

test('what was sealed opens for what it belongs to', () => {
  expect(open(key, seal(key, secret, belonging), belonging)).toEqual(secret)
})

test('sealing the same twice never gives the same, and neither shows the secret', () => {
  const sealed = Array.from({ length: 50 }, () => seal(key, secret, belonging))
  expect(new Set(sealed.map((each) => each.toString('hex'))).size).toBe(50)
  for (const each of sealed) expect(each.includes('canary')).toBe(false)
})

test.each([
  { ...belonging, projectId: 'q' },
  { ...belonging, ownerId: 'k' },
  { ...belonging, field: 'other' },
  // The same letters, cut elsewhere.
  { projectId: 'pj', ownerId: '', field: 'webhook_secret' },
])('a secret moved to %j does not open', (other) => {
  const sealed = seal(key, secret, belonging)
  expect(() => open(key, sealed, other)).toThrow(SealError)
})

test('neither another key nor changed bytes open it', () => {
  const sealed = seal(key, secret, belonging)
  expect(() => open(randomBytes(32), sealed, belonging)).toThrow(SealError)
  for (let at = 0; at < sealed.length; at++) {
    const changed = Buffer.from(sealed)
    changed[at] = (changed[at] ?? 0) ^ 1
    expect(() => open(key, changed, belonging)).toThrow(SealError)
  }
  for (let length = 0; length < sealed.length; length++) {
    expect(() => open(key, sealed.subarray(0, length), belonging)).toThrow(SealError)
  }
})

test('a data key opens with the master key and for its own project only', () => {
  const master = { current: randomBytes(32), previous: undefined }
  const stored = newDataKey(master, 'p')
  expect(stored).toHaveLength(61)
  expect(openDataKey(master, 'p', stored)).toHaveLength(32)
  expect(() => openDataKey(master, 'q', stored)).toThrow(SealError)
  expect(() => openDataKey({ ...master, current: randomBytes(32) }, 'p', stored)).toThrow(SealError)
})

test('while the master key is rotated both open a data key, the new one seals it, and it stays the same key', () => {
  const [old, next] = [randomBytes(32), randomBytes(32)]
  const stored = newDataKey({ current: old }, 'p')
  const rotating = { current: next, previous: old }
  const dataKey = openDataKey(rotating, 'p', stored)
  const anew = sealDataKeyAnew(rotating, 'p', stored)
  expect(openDataKey({ current: next, previous: undefined }, 'p', anew)).toEqual(dataKey)
  expect(openDataKey({ current: old, previous: next }, 'p', anew)).toEqual(dataKey)
  expect([old, next].map((key) => isSealedWith(key, 'p', stored))).toEqual([true, false])
  expect([old, next].map((key) => isSealedWith(key, 'p', anew))).toEqual([false, true])
  expect(() => openDataKey({ current: randomBytes(32), previous: randomBytes(32) }, 'p', anew)).toThrow(
    SealError,
  )
})
