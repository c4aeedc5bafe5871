import { expect, test } from 'vitest'
import { actingFields, findNotYetSupported, notYetSupported, outputOnlyFields } from './not-yet-supported.ts'

test('a field is in one list only', () => {
  const fields = [...Object.keys(notYetSupported), ...actingFields, ...outputOnlyFields]
  expect(new Set(fields).size).toBe(fields.length)
})

test('a field that does not act is accepted as it happens anyway and refused otherwise', () => {
  expect(findNotYetSupported(new Map([['enabled', true]]))).toEqual([])
  expect(findNotYetSupported(new Map([['enabled', false]]))).toEqual([
    { field: 'job.enabled', description: 'does not act yet; only true is accepted' },
  ])
  expect(findNotYetSupported(new Map([['tags', undefined]]))).toEqual([
    { field: 'job.tags', description: 'does not act yet; leave it out' },
  ])
})

test('a field that no list names is refused', () => {
  expect(findNotYetSupported(new Map([['brand_new', 1]]))).toHaveLength(1)
})

test('fields that act and fields that the catalog fills in are not its business', () => {
  expect(
    findNotYetSupported(new Map([...actingFields, ...outputOnlyFields].map((field) => [field, 'x']))),
  ).toEqual([])
})
