import { describe, expect, test } from 'vitest'
import { type Answer, readAnswer } from './answer.ts'

const now = Date.UTC(2026, 0, 1)
const anAnswer = (status: number, body = '', headers: Answer['headers'] = {}): Answer => ({
  status,
  headers,
  body: Buffer.from(body),
  truncated: false,
})

describe('the result of a run', () => {
  test.each([
    [
      'JSON as it came, byte for byte',
      ' {"b": 9007199254740993, "a": "\\u00e9"} ',
      ' {"b": 9007199254740993, "a": "\\u00e9"} ',
    ],
    ['other text as a JSON string', 'fine\n"ok"', '"fine\\n\\"ok\\""'],
    ['nothing as null', '', 'null'],
  ])('is %s', (_, body, result) => {
    expect(readAnswer(anAnswer(200, body), now)).toEqual({ kind: 'succeeded', httpStatus: 200, result })
  })

  test('is never text that Postgres cannot store', () => {
    const read = readAnswer(anAnswer(200, 'a\0b'), now)
    expect(read).toMatchObject({ kind: 'succeeded', result: '"a\\u0000b"' })
  })

  test('that is longer than is read fails the run for good', () => {
    const read = readAnswer({ ...anAnswer(200, '[1'), truncated: true }, now)
    expect(read).toMatchObject({ kind: 'failed', error: { class: 'result_too_large' } })
  })
})

describe('the table of answers', () => {
  test.each([200, 201, 204, 299])('%i succeeds', (status) => {
    expect(readAnswer(anAnswer(status), now).kind).toBe('succeeded')
  })
  test.each([408, 425, 429, 500, 502, 503, 504, 599])('%i is retried', (status) => {
    expect(readAnswer(anAnswer(status), now)).toMatchObject({
      kind: 'retryable',
      error: { httpStatus: status },
    })
  })
  test.each([202, 300, 301, 302, 307, 400, 401, 403, 404, 409, 410, 418, 422, 451])(
    '%i fails at once',
    (status) => {
      expect(readAnswer(anAnswer(status), now)).toMatchObject({
        kind: 'failed',
        error: { httpStatus: status },
      })
    },
  )
  test('an endpoint that asks not to be called again is not, whatever it answered', () => {
    expect(readAnswer(anAnswer(503, '', { 'x-strait-no-retry': 'True' }), now).kind).toBe('failed')
  })
  test.each([
    ['7', 7_000],
    ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
  ])('a Retry-After of %s is read', (value, retryAfterMs) => {
    expect(readAnswer(anAnswer(503, '', { 'retry-after': value }), now)).toMatchObject({ retryAfterMs })
  })
})
