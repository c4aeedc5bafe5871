import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseRetryAfter } from './retry-after.ts'

const now = new Date('1994-11-06T08:49:00Z')

describe('parseRetryAfter', () => {
  test.each([
    ['0', 0],
    ['120', 120_000],
    [' 5 ', 5_000],
    ['007', 7_000],
  ])('reads %j as seconds', (header, ms) => {
    expect(parseRetryAfter(header, now)).toBe(ms)
  })

  test.each(['Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994'])(
    'reads %j, one of the three spellings of a date',
    (header) => {
      expect(parseRetryAfter(header, now)).toBe(37_000)
    },
  )

  test('a date in the past asks for nothing', () => {
    expect(parseRetryAfter('Sun, 06 Nov 1994 08:00:00 GMT', now)).toBe(0)
    expect(parseRetryAfter('Thu, 01 Jan 1970 00:00:00 GMT', now)).toBe(0)
  })

  test('two digits of a year mean the one that is at most fifty years ahead', () => {
    expect(parseRetryAfter('Monday, 06-Nov-00 08:49:00 GMT', new Date('2026-01-01T00:00:00Z'))).toBe(0)
    const ahead = Date.parse('2075-11-06T08:49:00Z') - Date.parse('2026-01-01T00:00:00Z')
    expect(parseRetryAfter('Wednesday, 06-Nov-75 08:49:00 GMT', new Date('2026-01-01T00:00:00Z'))).toBe(ahead)
    expect(parseRetryAfter('Saturday, 06-Nov-77 08:49:00 GMT', new Date('2026-01-01T00:00:00Z'))).toBe(0)
  })

  test.each([
    '',
    'soon',
    '-5',
    '1.5',
    '5s',
    '1e3',
    '2026-01-01T00:00:00Z',
    'Sun, 06 Nov 1994 08:49:37',
    'Sun, 06 Nov 1994 08:49:37 PST',
    'Sun, 31 Feb 1994 08:49:37 GMT',
    'Sun, 00 Nov 1994 08:49:37 GMT',
    'Sun, 06 Foo 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 24:49:37 GMT',
    `${' '.repeat(10)}${'9'.repeat(70)}`,
  ])('%j is no Retry-After', (header) => {
    expect(parseRetryAfter(header, now)).toBeUndefined()
  })

  test('every date of HTTP comes back as the time until then', () => {
    const secs = fc.integer({ min: 0, max: 4_000_000_000 })
    fc.assert(
      fc.property(secs, (at) => {
        const header = new Date(at * 1_000).toUTCString()
        expect(parseRetryAfter(header, now)).toBe(Math.max(0, at * 1_000 - now.getTime()))
      }),
      { seed: 1 },
    )
  })

  test('whatever the header says, the answer is never negative nor no number', () => {
    const header = fc.oneof(fc.string(), fc.stringMatching(/^\d{1,64}$/))
    fc.assert(
      fc.property(header, (text) => {
        const ms = parseRetryAfter(text, now)
        expect(ms === undefined || (ms >= 0 && Number.isFinite(ms))).toBe(true)
      }),
      { seed: 2, numRuns: 500 },
    )
  })
})
