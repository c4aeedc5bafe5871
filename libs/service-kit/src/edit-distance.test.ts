import { expect, test } from 'vitest'
import { editDistance } from './edit-distance.ts'

test.each([
  ['', '', 0],
  ['', 'abc', 3],
  ['same', 'same', 0],
  ['kitten', 'sitting', 3],
  ['PORT', 'PROT', 2],
])('%j and %j are %i letters apart, either way', (a, b, distance) => {
  expect(editDistance(a, b)).toBe(distance)
  expect(editDistance(b, a)).toBe(distance)
})
