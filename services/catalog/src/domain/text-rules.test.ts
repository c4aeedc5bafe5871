import { expect, test } from 'vitest'
import { countCharacters, quoteShort, textProblem } from './text-rules.ts'

test('a character is a code point, whatever it takes in memory', () => {
  expect(countCharacters('abc', 10)).toBe(3)
  expect(countCharacters('é😀', 10)).toBe(2)
  expect(countCharacters('😀'.repeat(255), 255)).toBe(255)
})

test('counting stops where the answer is known', () => {
  expect(countCharacters('a'.repeat(10_000_000), 5)).toBe(6)
  expect(countCharacters('😀'.repeat(6), 5)).toBe(6)
})

test.each([
  ['', 1, 'must not be empty'],
  ['', 0, undefined],
  ['😀'.repeat(5), 1, undefined],
  ['😀'.repeat(6), 1, 'must have at most 5 characters'],
  ['a\0b', 1, 'must not contain the NUL character'],
])('the text %j with at least %i characters: %s', (text, min, problem) => {
  expect(textProblem(text, min, 5)).toBe(problem)
})

test('a long text is cut before it stands in an error', () => {
  expect(quoteShort('"x"')).toBe('"\\"x\\""')
  expect(quoteShort('x'.repeat(100))).toHaveLength(43)
})
