import { expect, test } from 'vitest'
import { createHandledRows } from './handled-rows.ts'

const row = (xid: number, pos: number) => ({ xid: String(xid), pos: String(pos) })

test('a row is known once it is handled, and places are compared as numbers', () => {
  const handled = createHandledRows()
  handled.add([row(10, 2)])
  expect(handled.has(row(10, 2))).toBe(true)
  expect(handled.has(row(9, 3))).toBe(false)
})

test('whatever the cursor has passed is handled', () => {
  const handled = createHandledRows()
  handled.add([row(12, 7)])
  handled.passedBy(row(10, 5))
  expect([row(9, 99), row(10, 5), row(10, 6), row(12, 7)].map(handled.has)).toEqual([true, true, false, true])
})

test('an older cursor changes nothing', () => {
  const handled = createHandledRows()
  handled.passedBy(row(10, 5))
  handled.passedBy(row(9, 9))
  expect(handled.has(row(10, 5))).toBe(true)
})

test('beyond its size the oldest are forgotten', () => {
  const handled = createHandledRows(2)
  handled.add([row(1, 1), row(2, 2)])
  handled.add([row(3, 3)])
  expect([row(1, 1), row(2, 2), row(3, 3)].map(handled.has)).toEqual([false, true, true])
})
