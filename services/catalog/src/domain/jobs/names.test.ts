import { newVersionId } from '@strait/domain/ids'
import { expect, test } from 'vitest'
import { containing } from '../like-pattern.ts'
import { countCharacters } from '../text-rules.ts'
import { copyName } from './copy-name.ts'
import { parseVersionRef } from './version-ref.ts'

test.each([
  ['A', 'A (copy)'],
  ['A (copy)', 'A (copy) (copy)'],
  ['x'.repeat(248), `${'x'.repeat(248)} (copy)`],
  ['x'.repeat(249), `${'x'.repeat(248)} (copy)`],
  ['😀'.repeat(255), `${'😀'.repeat(248)} (copy)`],
])('the copy of %j has a name within the bound', (name, copy) => {
  expect(copyName(name)).toBe(copy)
  expect(countCharacters(copy, 255)).toBeLessThanOrEqual(255)
})

test('a version goes by its number or its id, and by nothing else', () => {
  const versionId = newVersionId()
  expect(parseVersionRef('1')).toEqual({ version: 1 })
  expect(parseVersionRef('999999999')).toEqual({ version: 999_999_999 })
  expect(parseVersionRef(versionId)).toEqual({ versionId })
  for (const text of ['', '0', '01', '1 ', '-1', '1e3', '1000000000', 'ver_', 'latest', `${versionId}x`])
    expect(parseVersionRef(text), text).toBeUndefined()
})

test.each([
  ['abc', '%abc%'],
  ['100%', '%100\\%%'],
  ['a_b', '%a\\_b%'],
  ['a\\b', '%a\\\\b%'],
  ['\\%_', '%\\\\\\%\\_%'],
])('what contains %j is like %j', (text, pattern) => {
  expect(containing(text)).toBe(pattern)
})
