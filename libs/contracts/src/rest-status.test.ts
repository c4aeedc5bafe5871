import { Reason, ReasonSchema } from '@strait/contracts/errors/v1/errors_pb'
import { expect, test } from 'vitest'
import { reasonWords, restStatusOf } from './rest-status.ts'

test('every reason of the schema has a status, and nothing else has', () => {
  const words = ReasonSchema.values.filter(({ number }) => number !== Reason.UNSPECIFIED)
  expect(reasonWords).toEqual(words.map(({ localName }) => localName))
  for (const word of reasonWords) expect(restStatusOf(word)).toBeGreaterThanOrEqual(400)
})

test.each([
  ['FIELD_INVALID', 400],
  ['KEY_MISSING', 401],
  ['NOT_ALLOWED', 403],
  ['JOB_NOT_FOUND', 404],
  ['SLUG_TAKEN', 409],
  ['API_KEY_REVOKED', 409],
  ['ETAG_MISMATCH', 412],
  ['BODY_TOO_LARGE', 413],
  ['OVERLOADED', 429],
  ['INTERNAL', 500],
  ['NOT_YET_SUPPORTED', 501],
  ['UNAVAILABLE', 503],
  ['DEADLINE_EXCEEDED', 504],
] as const)('%s is answered with %d', (reason, status) => {
  expect(restStatusOf(reason)).toBe(status)
})
