import { expect, test } from 'vitest'
import { runTraceparent, traceIdOf } from './traceparent.ts'

const random = 'a'.repeat(32) + 'b'.repeat(16)

test("the caller's trace goes on under a span of the run's own", () => {
  const header = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-00`
  expect(runTraceparent(header, random)).toBe(`00-${'1'.repeat(32)}-${'b'.repeat(16)}-00`)
})

test.each([
  undefined,
  '',
  'rubbish',
  `00-${'0'.repeat(32)}-${'2'.repeat(16)}-01`,
  `ff-${'1'.repeat(32)}-${'2'.repeat(16)}-01`,
])('a run without a valid trace (%s) begins its own', (header) => {
  expect(runTraceparent(header, random)).toBe(`00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`)
  expect(traceIdOf(runTraceparent(header, random))).toBe('a'.repeat(32))
})
