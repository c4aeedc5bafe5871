import { expect, test } from 'vitest'
import { createFailureLimit } from './failure-limit.ts'

function setup(perMinute: number) {
  let now = 0
  const limit = createFailureLimit(perMinute, () => now)
  const pass = (ms: number) => {
    now += ms
  }
  return { ...limit, waitMs: (address: string) => limit.waitMs(address, 'key'), pass }
}

test('an address may fail so often at once, then as often as time allows', () => {
  const { waitMs, note, pass } = setup(2)
  expect(waitMs('a')).toBe(0)
  note('a')
  expect(waitMs('a')).toBe(0)
  note('a')
  expect(waitMs('a')).toBe(30_000)
  expect(waitMs('b')).toBe(0)
  pass(29_999)
  expect(waitMs('a')).toBe(1)
  pass(1)
  expect(waitMs('a')).toBe(0)
  note('a')
  expect(waitMs('a')).toBe(30_000)
})

test('what fails while it has to wait waits no longer for it', () => {
  const { waitMs, note } = setup(1)
  for (let i = 0; i < 100; i++) note('a')
  expect(waitMs('a')).toBe(60_000)
})

test('a long rest allows no more than a full minute', () => {
  const { waitMs, note, pass } = setup(1)
  note('a')
  pass(3_600_000)
  note('a')
  expect(waitMs('a')).toBe(60_000)
})

test('what is being tried counts as failed until it is known, the same key once', () => {
  const limit = createFailureLimit(2, () => 0)
  const done = [limit.trying('a', 'one'), limit.trying('a', 'one'), limit.trying('a', 'two')]
  expect(limit.waitMs('a', 'three')).toBe(30_000)
  expect(limit.waitMs('a', 'one')).toBe(0)
  expect(limit.waitMs('b', 'three')).toBe(0)
  done[0]?.()
  expect(limit.waitMs('a', 'three')).toBe(30_000)
  done[1]?.()
  expect(limit.waitMs('a', 'three')).toBe(0)
  limit.note('a')
  done[2]?.()
  expect(limit.waitMs('a', 'three')).toBe(0)
})
