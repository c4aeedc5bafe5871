import pg from 'pg'
import { expect, test } from 'vitest'
import { isDeadlock } from './is-deadlock.ts'

function stated(code: string): Error {
  return Object.assign(new pg.DatabaseError('ended', 0, 'error'), { code })
}

test('a transaction that was ended for another one is told from whatever else went wrong', () => {
  expect(isDeadlock(stated('40P01'))).toBe(true)
  for (const other of [stated('57014'), stated('23505'), new Error('40P01'), '40P01', undefined])
    expect(isDeadlock(other)).toBe(false)
})
