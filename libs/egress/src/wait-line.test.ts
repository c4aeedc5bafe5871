import { expect, test } from 'vitest'
import { type Waiter, WaitLine } from './wait-line.ts'

interface Named extends Waiter {
  readonly name: string
}

function lineOf(names: string): { line: WaitLine<Named>; waiters: Named[] } {
  const line = new WaitLine<Named>()
  const waiters = [...names].map((name): Named => ({ name, before: null, after: null }))
  for (const waiter of waiters) line.add(waiter)
  return { line, waiters }
}

function takeAll(line: WaitLine<Named>): string {
  let names = ''
  for (let next = line.take(); next !== null; next = line.take()) names += next.name
  return names
}

test('who waits longest leaves first', () => {
  const { line } = lineOf('abc')
  expect(line.size).toBe(3)
  expect(takeAll(line)).toBe('abc')
  expect(line.size).toBe(0)
})

test.each([
  ['first', 0, 'bcd'],
  ['middle', 1, 'acd'],
  ['last', 3, 'abc'],
])('the %s may leave and the others keep their order', (_, index, left) => {
  const { line, waiters } = lineOf('abcd')
  line.remove(waiters[index] as Named)
  expect(line.size).toBe(3)
  expect(takeAll(line)).toBe(left)
})

test('a line that ran empty is used again', () => {
  const { line, waiters } = lineOf('a')
  expect(takeAll(line)).toBe('a')
  line.add(waiters[0] as Named)
  expect(line.last?.name).toBe('a')
  expect(takeAll(line)).toBe('a')
})

test('who left holds on to no one', () => {
  const { line, waiters } = lineOf('abc')
  takeAll(line)
  expect(waiters.every(({ before, after }) => before === null && after === null)).toBe(true)
})
