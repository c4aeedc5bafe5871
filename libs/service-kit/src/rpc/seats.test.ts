import { expect, test } from 'vitest'
import { createSeats } from './seats.ts'

test('one address has a hundred seats, and others have theirs', () => {
  const { take } = createSeats()
  const held = Array.from({ length: 100 }, () => take('a'))
  expect(held).not.toContain(undefined)
  expect(take('a')).toBeUndefined()
  expect(take('b')).toBeDefined()
  held[0]?.()
  expect(take('a')).toBeDefined()
  expect(take('a')).toBeUndefined()
})

test('all addresses together have ten thousand', () => {
  const { take } = createSeats()
  const held = Array.from({ length: 10_000 }, (_, i) => take(`address ${i % 200}`))
  expect(held).not.toContain(undefined)
  expect(take('another')).toBeUndefined()
  held[0]?.()
  expect(take('another')).toBeDefined()
})
