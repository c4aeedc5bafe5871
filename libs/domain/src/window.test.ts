import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { calendarOf } from './cron/calendar.ts'
import { FARTHEST_OPENING_MS, isOpen, nextOpening, parseWindow, type Window } from './window.ts'

function aWindow(expression: string): Window {
  const parsed = parseWindow(expression)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return parsed.window
}

const opens = (expression: string, zone: string, from: string) =>
  nextOpening(aWindow(expression), zone, new Date(from))?.toISOString()

describe('parseWindow', () => {
  test.each(['* * * * *', '0 9-17 * * 1-5', '30 9-16 * * *', '0-29 9 * * MON', ' 59  23 31 12 ? '])(
    'takes %j',
    (text) => {
      expect(parseWindow(text)).toMatchObject({ ok: true })
    },
  )

  test.each(['*/5 9 * * *', '0,30 9 * * *', '? 9 * * *', '0-59/2 9 * * *', '5/10 9 * * *', '0-1,3 9 * * *'])(
    'refuses the minute field of %j',
    (text) => {
      const reason = expect.stringContaining('must be *, one range or one number')
      expect(parseWindow(text)).toEqual({ ok: false, problems: [{ field: 'minute', reason }] })
    },
  )

  test.each([
    ['60 24 * * *', ['minute', 'hour']],
    ['0 9 30 2 *', ['day_of_month']],
    ['9-17', ['expression']],
    ['@daily', ['expression']],
  ])('refuses %j as a cron would be', (text, fields) => {
    const parsed = parseWindow(text)
    expect(parsed.ok ? [] : parsed.problems.map((problem) => problem.field)).toEqual(fields)
  })
})

describe('isOpen', () => {
  test.each([
    ['0 9-17 * * 1-5', 'UTC', '2026-03-02T08:59:59.999Z', false],
    ['0 9-17 * * 1-5', 'UTC', '2026-03-02T09:00:00.000Z', true],
    ['0 9-17 * * 1-5', 'UTC', '2026-03-02T17:59:59.999Z', true],
    ['0 9-17 * * 1-5', 'UTC', '2026-03-02T18:00:00.000Z', false],
    ['0 9-17 * * 1-5', 'UTC', '2026-03-01T12:00:00.000Z', false],
    ['0 9-17 * * 1-5', 'Europe/Berlin', '2026-03-02T08:00:00.000Z', true],
    ['0 9-17 * * 1-5', 'Asia/Kolkata', '2026-03-02T03:29:59.999Z', false],
    ['0 9-17 * * 1-5', 'Asia/Kolkata', '2026-03-02T03:30:00.000Z', true],
    ['30 9-16 * * *', 'UTC', '2026-03-02T09:29:59Z', false],
    ['30 9-16 * * *', 'UTC', '2026-03-02T09:30:00Z', true],
    ['30 9-16 * * *', 'UTC', '2026-03-02T17:29:59Z', true],
    ['30 9-16 * * *', 'UTC', '2026-03-02T17:30:00Z', false],
    ['* 9-16 * * *', 'UTC', '2026-03-02T16:59:59Z', true],
    ['* 9-16 * * *', 'UTC', '2026-03-02T17:00:00Z', false],
    ['15-44 9-16 * * *', 'UTC', '2026-03-02T10:14:59Z', false],
    ['15-44 9-16 * * *', 'UTC', '2026-03-02T10:44:59Z', true],
    ['15-44 9-16 * * *', 'UTC', '2026-03-02T10:45:00Z', false],
    // From Monday into Tuesday.
    ['30 23 * * 1', 'UTC', '2026-03-03T00:29:59Z', true],
    ['30 23 * * 1', 'UTC', '2026-03-03T00:30:00Z', false],
    // The hour from 02:00 comes twice in Berlin on this day: at 00:00 and at 01:00 UTC.
    ['0 2 * * *', 'Europe/Berlin', '2026-10-25T00:30:00Z', true],
    ['0 2 * * *', 'Europe/Berlin', '2026-10-25T01:30:00Z', true],
    ['0 2 * * *', 'Europe/Berlin', '2026-10-25T02:00:00Z', false],
  ])('%s in %s at %s: %s', (expression, zone, at, expected) => {
    expect(isOpen(aWindow(expression), zone, new Date(at))).toBe(expected)
  })
})

describe('nextOpening', () => {
  test.each([
    [
      'while it is open that is now',
      '0 9-17 * * 1-5',
      'UTC',
      '2026-03-02T09:00:00.001Z',
      '2026-03-02T09:00:00.001Z',
    ],
    [
      'in the evening the next morning',
      '0 9-17 * * 1-5',
      'UTC',
      '2026-03-02T18:00:00Z',
      '2026-03-03T09:00:00.000Z',
    ],
    [
      'on Friday evening on Monday',
      '0 9-17 * * 1-5',
      'UTC',
      '2026-03-06T18:00:00Z',
      '2026-03-09T09:00:00.000Z',
    ],
    // The clock goes from 02:00 to 03:00 at 01:00 UTC.
    [
      'a skipped hour never opens',
      '0 2 * * *',
      'Europe/Berlin',
      '2026-03-29T00:30:00Z',
      '2026-03-30T00:00:00.000Z',
    ],
    [
      'after a gap the clock goes on',
      '0 3 * * *',
      'Europe/Berlin',
      '2026-03-29T00:30:00Z',
      '2026-03-29T01:00:00.000Z',
    ],
    [
      'what began in a gap is open after it',
      '30 2 * * *',
      'Europe/Berlin',
      '2026-03-29T00:30:00Z',
      '2026-03-29T01:00:00.000Z',
    ],
    [
      'a repeated hour opens again',
      '0-29 2 * * *',
      'Europe/Berlin',
      '2026-10-25T00:30:00Z',
      '2026-10-25T01:00:00.000Z',
    ],
    ['a leap day is waited for', '0 0 29 2 *', 'UTC', '2026-01-01T00:00:00Z', '2028-02-29T00:00:00.000Z'],
  ])('%s', (_, expression, zone, from, expected) => {
    expect(opens(expression, zone, from)).toBe(expected)
  })

  test('looks five years ahead and no further', () => {
    // 2100 has no leap day: from 2097 on the next one is seven years away.
    expect(opens('0 0 29 2 *', 'UTC', '2097-01-01T00:00:00Z')).toBeUndefined()
    const window = aWindow('0 0 29 2 *')
    const day = Date.UTC(2028, 1, 29)
    expect(nextOpening(window, 'UTC', new Date(day - FARTHEST_OPENING_MS + 86_400_000 * 365 * 4))).toEqual(
      new Date(day),
    )
  })

  test('agrees with a look at every minute, also where clocks change', () => {
    const starts = ['2026-03-28T20:00:00Z', '2026-10-24T20:00:00Z', '2026-06-01T00:00:00Z'].map(Date.parse)
    const zone = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'UTC')
    const minute = fc.oneof(
      fc.constant('*'),
      fc.nat(59).map(String),
      fc.tuple(fc.nat(59), fc.nat(59)).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
    )
    const hour = fc.tuple(fc.nat(23), fc.nat(23)).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`)
    const start = fc
      .tuple(fc.constantFrom(...starts), fc.nat(48 * 60))
      .map(([at, more]) => at + more * 60_000)
    fc.assert(
      fc.property(minute, hour, zone, start, (m, h, timeZone, from) => {
        const window = aWindow(`${m} ${h} * * *`)
        const calendar = calendarOf(window.expression)
        // Each minute is looked at again for every minute that a window stays open.
        const begun = new Map<number, boolean>()
        const begins = (civil: number) => {
          const does = begun.get(civil) ?? calendar.firstFrom(civil) === civil
          begun.set(civil, does)
          return does
        }
        let at = from
        while (!scannedOpen(window, timeZone, at, begins)) at += 60_000
        expect(nextOpening(window, timeZone, new Date(from))?.getTime()).toBe(at)
      }),
      { seed: 1, numRuns: 60 },
    )
  })
})

// By the clock that Intl shows, minute for minute: neither stretches nor offsets are in it.
const clocks = new Map<string, Intl.DateTimeFormat>()
function scannedOpen(
  { openMs }: Window,
  timeZone: string,
  at: number,
  begins: (civil: number) => boolean,
): boolean {
  const options = { timeZone, dateStyle: 'short', timeStyle: 'medium', hourCycle: 'h23' } as const
  const clock = clocks.get(timeZone) ?? new Intl.DateTimeFormat('sv-SE', options)
  clocks.set(timeZone, clock)
  const civil = Date.parse(`${clock.format(at).replace(' ', 'T')}Z`)
  for (let back = 0; back < openMs; back += 60_000) {
    if (begins(civil - back)) return true
  }
  return false
}
