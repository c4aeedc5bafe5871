import { JobSchema } from '@strait/contracts/catalog/v1/job_pb'
import { expect, test } from 'vitest'
import { boundsOf, defaultOf } from './bounds-of.ts'

const { maxAttempts, name, retryDelaysSecs, tags, enabled, overlap, timezone, createdAt } = JobSchema.field

test.each([
  ['How often: 1 to 100. Default: 3.', { minimum: 1, maximum: 100 }],
  ['For how many seconds, 0 to 2,592,000 (30 days).', { minimum: 0, maximum: 2_592_000 }],
  ['Starts at most, up to 100,000; 0 means no limit.', { minimum: 0, maximum: 100_000 }],
  ['Attempts at most. 0 means no limit.', {}],
  ['Default: the gap, at least 3,600 and at most 86,400.', {}],
  ['From version 1.2 to 3.4 of it.', {}],
])('a whole number: %s', (comment, bounds) => {
  expect(boundsOf(maxAttempts, comment)).toEqual(bounds)
})

test.each([
  ['Required, 1 to 255 characters.', { minLength: 1, maxLength: 255 }],
  ['http or https, at most 2,048 characters, no credentials.', { maxLength: 2_048 }],
  ['`^[a-z]+$`, at most 9 characters.', { maxLength: 9, pattern: '^[a-z]+$' }],
  ['32 hex digits.', {}],
  ['Counts from 1 to 9.', {}],
])('a text: %s', (comment, bounds) => {
  expect(boundsOf(name, comment)).toEqual(bounds)
})

test.each([
  [
    'Delays: 1 to 100 entries of 1 to 604,800, the last one repeating.',
    { maxItems: 100, items: { minimum: 1, maximum: 604_800 } },
  ],
  ['Windows. At most 10, names unique.', { maxItems: 10 }],
  ['Windows.', {}],
])('a list: %s', (comment, bounds) => {
  expect(boundsOf(retryDelaysSecs, comment)).toEqual(bounds)
})

test.each([
  [
    'Labels. At most 20; keys up to 64 and values up to 256 characters.',
    { maxProperties: 20, propertyNames: { maxLength: 64 }, additionalProperties: { maxLength: 256 } },
  ],
  [
    'Data. At most 50 entries; keys 1 to 64 and values up to 1,024 characters.',
    {
      maxProperties: 50,
      propertyNames: { minLength: 1, maxLength: 64 },
      additionalProperties: { maxLength: 1_024 },
    },
  ],
  ["Overlaid. At most 50 entries in the caller's part.", {}],
])('a map: %s', (comment, bounds) => {
  expect(boundsOf(tags, comment)).toEqual(bounds)
})

test('a time has no bounds', () => {
  expect(boundsOf(createdAt, 'When: 1 to 100.')).toEqual({})
})

test('defaults are read where they are plain and of the type of the field', () => {
  expect(defaultOf(maxAttempts, 'Default: 3,600.')).toBe(3_600)
  expect(defaultOf(maxAttempts, 'Default: none.')).toBeUndefined()
  expect(defaultOf(enabled, 'Default: true.')).toBe(true)
  expect(defaultOf(enabled, 'Default: 3.')).toBeUndefined()
  expect(defaultOf(overlap, 'Default: allow.')).toBe('allow')
  expect(defaultOf(overlap, 'Default: hold, else retry.')).toBeUndefined()
  expect(defaultOf(timezone, 'Default: "UTC".')).toBe('UTC')
  expect(defaultOf(timezone, 'Default: always.')).toBeUndefined()
  expect(defaultOf(tags, 'Default: none.')).toBeUndefined()
})
