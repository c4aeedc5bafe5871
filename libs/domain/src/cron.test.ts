import { describe, expect, test } from 'vitest'
import { defaultDstPolicies, nextOccurrence, occurrencesBetween } from './cron.ts'

function next(
  expression: string,
  zone: string,
  after: string,
  policies = defaultDstPolicies,
): string | undefined {
  return nextOccurrence(expression, zone, new Date(after), policies)?.toISOString()
}

function hours(
  expression: string,
  zone: string,
  [from, to]: readonly [string, string],
  policies = defaultDstPolicies,
) {
  const found = occurrencesBetween(expression, zone, new Date(from), new Date(to), 100, policies)
  return found.map((date) => date.toISOString().slice(5, 16))
}

describe('in the gap of spring in New York, where 02:00 to 03:00 does not exist', () => {
  const days = ['2026-03-07T05:00:00Z', '2026-03-10T04:00:00Z'] as const
  const night = ['2026-03-08T05:00:00Z', '2026-03-08T09:00:00Z'] as const
  const shift = { ...defaultDstPolicies, dstGap: 'shift' } as const

  test('a fixed time inside is skipped that day', () => {
    expect(hours('30 2 * * *', 'America/New_York', days)).toEqual(['03-07T07:30', '03-09T06:30'])
  })

  test('or, by policy, comes when the gap ends', () => {
    expect(hours('30 2 * * *', 'America/New_York', days, shift)).toEqual([
      '03-07T07:30',
      '03-08T07:00',
      '03-09T06:30',
    ])
  })

  test('many fixed times inside shift to one, also onto one that is there anyway', () => {
    expect(hours('*/10 2,3 * * *', 'America/New_York', night, shift).slice(0, 2)).toEqual([
      '03-08T07:00',
      '03-08T07:10',
    ])
  })

  test('a wildcard or a step follows real time, whatever the policy', () => {
    const real = ['03-08T06:00', '03-08T07:00', '03-08T08:00', '03-08T09:00']
    expect(hours('0 * * * *', 'America/New_York', night)).toEqual(real)
    expect(hours('0 * * * *', 'America/New_York', night, shift)).toEqual(real)
    expect(hours('0 2/1 * * *', 'America/New_York', night, shift)).toEqual([
      '03-08T07:00',
      '03-08T08:00',
      '03-08T09:00',
    ])
  })
})

describe('in the overlap of autumn in New York, where 01:00 to 02:00 comes twice', () => {
  const days = ['2026-10-31T04:00:00Z', '2026-11-03T05:00:00Z'] as const
  const night = ['2026-11-01T04:30:00Z', '2026-11-01T07:00:00Z'] as const
  const both = { ...defaultDstPolicies, dstOverlap: 'both' } as const

  test('a fixed time inside comes once, at first', () => {
    expect(hours('30 1 * * *', 'America/New_York', days)).toEqual([
      '10-31T05:30',
      '11-01T05:30',
      '11-02T06:30',
    ])
  })

  test('or, by policy, both times', () => {
    const twice = ['10-31T05:30', '11-01T05:30', '11-01T06:30', '11-02T06:30']
    expect(hours('30 1 * * *', 'America/New_York', days, both)).toEqual(twice)
  })

  test('a schedule that begins between the two waits for the next day', () => {
    expect(next('30 1 * * *', 'America/New_York', '2026-11-01T05:45:00Z')).toBe('2026-11-02T06:30:00.000Z')
    expect(next('30 1 * * *', 'America/New_York', '2026-11-01T06:15:00Z')).toBe('2026-11-02T06:30:00.000Z')
    expect(next('30 1 * * *', 'America/New_York', '2026-11-01T06:15:00Z', both)).toBe(
      '2026-11-01T06:30:00.000Z',
    )
  })

  test('a wildcard or a step follows real time, whatever the policy', () => {
    const real = ['11-01T05:00', '11-01T05:30', '11-01T06:00', '11-01T06:30', '11-01T07:00']
    expect(hours('*/30 * * * *', 'America/New_York', night)).toEqual(real)
    expect(hours('*/30 1/1 * * *', 'America/New_York', night, both)).toEqual(real)
  })
})

describe('in zones with changes of their own', () => {
  test('midnight is skipped where it does not exist', () => {
    const days = ['2018-11-02T12:00:00Z', '2018-11-05T12:00:00Z'] as const
    expect(hours('0 0 * * *', 'America/Sao_Paulo', days)).toEqual(['11-03T03:00', '11-05T02:00'])
  })

  test('a change of half an hour skips and repeats half an hour', () => {
    const spring = ['2026-10-03T14:00:00Z', '2026-10-04T14:00:00Z'] as const
    expect(hours('15,45 2 * * *', 'Australia/Lord_Howe', spring)).toEqual(['10-03T15:45'])
    const autumn = ['2026-04-04T13:00:00Z', '2026-04-05T13:00:00Z'] as const
    expect(hours('15,45 1 * * *', 'Australia/Lord_Howe', autumn)).toEqual(['04-04T14:15', '04-04T14:45'])
  })

  test('a day that a country left out has no occurrence', () => {
    const days = ['2011-12-29T10:00:00Z', '2012-01-01T10:00:00Z'] as const
    expect(hours('0 12 * * *', 'Pacific/Apia', days)).toEqual(['12-29T22:00', '12-30T22:00', '12-31T22:00'])
    expect(next('0 12 30 12 *', 'Pacific/Apia', '2011-12-01T00:00:00Z')).toBe('2012-12-29T22:00:00.000Z')
  })

  test('an offset of odd seconds shows in the instant', () => {
    expect(next('0 12 * * *', 'Africa/Monrovia', '1970-01-01T00:00:00Z')).toBe('1970-01-01T12:44:30.000Z')
  })
})

describe('nextOccurrence', () => {
  test('is strictly after, to the millisecond', () => {
    expect(next('0 9 * * *', 'UTC', '2026-01-01T08:59:59.999Z')).toBe('2026-01-01T09:00:00.000Z')
    expect(next('0 9 * * *', 'UTC', '2026-01-01T09:00:00.000Z')).toBe('2026-01-02T09:00:00.000Z')
  })

  test('finds 29 February across a century that has none', () => {
    expect(next('0 0 29 2 *', 'Europe/Paris', '2096-03-01T00:00:00Z')).toBe('2104-02-28T23:00:00.000Z')
  })

  test('is null where time ends', () => {
    expect(nextOccurrence('0 0 1 1 *', 'UTC', new Date('3000-06-01T00:00:00Z'))).toBeNull()
  })

  test('refuses an expression, a zone and an instant that are none', () => {
    const now = new Date('2026-01-01T00:00:00Z')
    expect(() => nextOccurrence('0 0 30 2 *', 'UTC', now)).toThrow(RangeError)
    expect(() => nextOccurrence('* * * * *', 'America/Gotham', now)).toThrow(RangeError)
    expect(() => nextOccurrence('* * * * *', 'UTC', new Date(Number.NaN))).toThrow(RangeError)
  })

  test('answers ten thousand times a second with a zone, also for more expressions than are kept', {
    timeout: 600,
  }, () => {
    const start = Date.parse('2026-01-01T00:00:00Z')
    const found = Array.from({ length: 6_000 }, (_, n) =>
      nextOccurrence(
        `${n % 60} ${n % 23} ${1 + (n % 28)} * *`,
        'Europe/Berlin',
        new Date(start + n * 977_000),
      ),
    )
    expect(found).not.toContain(null)
  })
})

describe('occurrencesBetween', () => {
  test('leaves out its beginning and takes in its end', () => {
    expect(hours('0 * * * *', 'UTC', ['2026-01-01T00:00:00Z', '2026-01-01T02:00:00Z'])).toEqual([
      '01-01T01:00',
      '01-01T02:00',
    ])
  })

  test('stops at the limit', () => {
    const [from, to] = [new Date('2026-01-01T00:00:00Z'), new Date('2027-01-01T00:00:00Z')]
    expect(occurrencesBetween('* * * * *', 'UTC', from, to, 7)).toHaveLength(7)
    expect(occurrencesBetween('* * * * *', 'UTC', from, to, 0)).toEqual([])
  })

  test('is empty when nothing lies between', () => {
    expect(hours('0 0 1 1 *', 'UTC', ['2026-01-01T00:00:00Z', '2026-12-31T23:59:59Z'])).toEqual([])
    expect(hours('* * * * *', 'UTC', ['2026-01-02T00:00:00Z', '2026-01-01T00:00:00Z'])).toEqual([])
  })
})
