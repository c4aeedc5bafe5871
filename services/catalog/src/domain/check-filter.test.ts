import { expect, test } from 'vitest'
import { filterProblems } from './check-filter.ts'

const tags = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, '']))

test.each<[string, Readonly<Record<string, string>>, string | undefined]>([
  ['nothing', {}, undefined],
  ['20 tags', tags(20), undefined],
  ['the longest tag', { ['😀'.repeat(64)]: '😀'.repeat(256) }, undefined],
  ['the longest text', {}, '😀'.repeat(255)],
])('a list is filtered by %s', (_, some, text) => {
  expect(filterProblems(some, text)).toEqual([])
})

test.each<[string, Readonly<Record<string, string>>, string | undefined, string]>([
  ['21 tags', tags(21), undefined, 'tags must have at most 20 entries, not 21'],
  [
    'a long key',
    { ['k'.repeat(65)]: '' },
    undefined,
    'tags a key or a value must have at most 64 characters',
  ],
  [
    'a long value',
    { k: 'v'.repeat(257) },
    undefined,
    'tags a key or a value must have at most 256 characters',
  ],
  ['a long text', {}, 'x'.repeat(256), 'text must have at most 255 characters'],
  ['an empty text', {}, '', 'text must not be empty'],
])('a list is not filtered by %s', (_, some, text, problem) => {
  expect(filterProblems(some, text).map(({ field, description }) => `${field} ${description}`)).toEqual([
    problem,
  ])
})
