import { expect, test } from 'vitest'
import { changeOf, isOther } from './decide-change.ts'

const thing = { revision: 3, name: 'a', list: ['x'] as readonly string[], pausedAt: undefined }

test('an etag is the revision of the thing, and none is any', () => {
  expect(isOther(thing, undefined)).toBe(false)
  expect(isOther(thing, 'rev_3')).toBe(false)
  for (const etag of ['rev_2', 'rev_4', 'rev_03', '3', '']) expect(isOther(thing, etag)).toBe(true)
})

test('values that are there already change nothing, lists are compared by what is in them', () => {
  expect(changeOf(thing, {})).toBeUndefined()
  expect(changeOf(thing, { name: 'a', list: ['x'] })).toBeUndefined()
  expect(changeOf(thing, { list: [] })).toEqual({ ...thing, list: [] })
  expect(changeOf(thing, { name: 'b' })).toEqual({ ...thing, name: 'b' })
})
