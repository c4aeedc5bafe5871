import { expect, test } from 'vitest'
import { createFollowerRoll } from './follower-roll.ts'

test('who was heard of within three seconds is there, and who left is not', () => {
  const roll = createFollowerRoll()
  roll.seen('a', 0)
  roll.seen('b', 1_000)
  roll.seen('c', 1_000)
  roll.left('c')
  roll.left('never there')
  expect(roll.there(2_999)).toEqual(['a', 'b'])
  expect(roll.there(3_000)).toEqual(['b'])
  roll.seen('b', 3_500)
  expect(roll.there(6_499)).toEqual(['b'])
  expect(roll.there(6_500)).toEqual([])
})

test('ids that are none are not taken', () => {
  const roll = createFollowerRoll()
  for (const id of ['', 'x'.repeat(65)]) roll.seen(id, 0)
  roll.seen('x'.repeat(64), 0)
  roll.seen('__proto__', 0)
  expect(roll.there(0)).toEqual(['x'.repeat(64), '__proto__'])
})

test('a flood of followers stops at a thousand, and those who went make room', () => {
  const roll = createFollowerRoll()
  for (let n = 0; n < 1_500; n++) roll.seen(`f${n}`, 0)
  expect(roll.there(0)).toHaveLength(1_000)
  roll.seen('f0', 2_000)
  roll.seen('late', 2_000)
  expect(roll.there(2_000)).not.toContain('late')
  roll.seen('late', 4_000)
  expect(roll.there(4_000)).toEqual(['f0', 'late'])
})
