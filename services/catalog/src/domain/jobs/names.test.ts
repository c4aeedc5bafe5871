import { newVersionId } from '@strait/domain/ids'
import { expect, test } from 'vitest'
import { countCharacters } from '../text-rules.ts'
import { readVersionRef } from '../version-ref.ts'
import { copyName } from './copy-name.ts'

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
  expect(readVersionRef('1')).toEqual({ number: 1 })
  expect(readVersionRef('2147483647')).toEqual({ number: 2_147_483_647 })
  expect(readVersionRef(versionId)).toEqual({ id: versionId })
  for (const text of ['', '0', '01', '1 ', '-1', '1e3', '2147483648', 'ver_', 'latest', `${versionId}x`])
    expect(readVersionRef(text), text).toBeUndefined()
})
