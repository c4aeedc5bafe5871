import { expect, test } from 'vitest'
import { unwrap } from './comment-of.ts'
import {
  describe as describeField,
  isOutputOnly,
  isRequired,
  maskableIn,
  reasonsIn,
  splitSummary,
} from './prose.ts'

test('a comment is unwrapped, paragraph by paragraph', () => {
  expect(unwrap(' One\n two.\n\n Three\r\n four.\n')).toBe('One two.\n\nThree four.')
  expect(unwrap('')).toBe('')
})

test('the first sentence of a comment is its summary', () => {
  expect(splitSummary('Makes `v1.2` of it. Then more. And more.')).toEqual({
    summary: 'Makes `v1.2` of it',
    rest: 'Then more. And more.',
  })
  expect(splitSummary('No full stop')).toEqual({ summary: 'No full stop', rest: '' })
})

test('marks are read where they stand as marks', () => {
  expect(isOutputOnly('Output only. When.')).toBe(true)
  expect(isOutputOnly('Its output-only fields are ignored.')).toBe(false)
  expect(isRequired('What people call it. Required, 1 to 255 characters.')).toBe(true)
  expect(isRequired('Its id. Required.')).toBe(true)
  expect(isRequired('Delays. Required when `retry_strategy` is custom, refused otherwise.')).toBe(false)
})

test('marks that have keywords of their own are left out of descriptions', () => {
  expect(describeField('Output only. When.')).toBe('When.')
  expect(describeField('Its id. Required.')).toBe('Its id.')
  expect(describeField('A name. Required, 1 to 9 characters.')).toBe('A name. Required, 1 to 9 characters.')
})

test('reasons are found in the order of the schema, and other capitals are none', () => {
  expect(reasonsIn('Refused with SLUG_TAKEN, for HTTP and JSON too, or FIELD_INVALID.')).toEqual([
    'FIELD_INVALID',
    'SLUG_TAKEN',
  ])
})

test('an update mask may name what can be changed', () => {
  expect(maskableIn('Which fields to change: `name`, `expires_at`. Required.')).toEqual([
    'name',
    'expires_at',
  ])
  expect(maskableIn('Which fields to change. Required.')).toBeUndefined()
})
