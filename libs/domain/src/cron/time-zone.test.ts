import { describe, expect, test } from 'vitest'
import { isTimeZone, stretchAt } from './time-zone.ts'

describe('isTimeZone', () => {
  test.each([
    'UTC',
    'America/New_York',
    'america/new_york',
    'America/Argentina/Buenos_Aires',
    'Asia/Kolkata',
    'Asia/Calcutta',
    'Australia/Lord_Howe',
    'Antarctica/Troll',
    'Pacific/Kiritimati',
    'Etc/GMT+5',
    'US/Eastern',
    'GMT',
    'CET',
    'EST5EDT',
    'Japan',
    'W-SU',
  ])('%s is one', (name) => {
    expect(isTimeZone(name)).toBe(true)
  })

  test.each([
    '',
    'Local',
    'local',
    '+02:00',
    '-0530',
    'GMT+2',
    'UTC+1',
    'BST',
    'IST',
    'PST',
    'ACT',
    'America/Gotham',
    'America/New York',
    'America',
    'SystemV/PST8PDT',
    'posix/Europe/London',
    '../etc/passwd',
    ' UTC',
    `America/${'x'.repeat(60)}`,
  ])('%j is none', (name) => {
    expect(isTimeZone(name)).toBe(false)
  })
})

describe('stretchAt', () => {
  const minutesAt = (zone: string, instant: string) => stretchAt(zone, Date.parse(instant)).offset / 60_000

  test('knows the offset on both sides of a change, to the second', () => {
    expect(minutesAt('America/New_York', '2026-03-08T06:59:59Z')).toBe(-300)
    expect(minutesAt('America/New_York', '2026-03-08T07:00:00Z')).toBe(-240)
    expect(minutesAt('Australia/Lord_Howe', '2026-10-03T15:29:59Z')).toBe(630)
    expect(minutesAt('Australia/Lord_Howe', '2026-10-03T15:30:00Z')).toBe(660)
    expect(minutesAt('Asia/Kolkata', '2026-10-03T15:30:00Z')).toBe(330)
  })

  test('knows offsets of odd seconds', () => {
    expect(stretchAt('Africa/Monrovia', 0).offset).toBe(-(44 * 60 + 30) * 1_000)
  })

  test('stretches follow each other without a hole, from change to change', () => {
    const ends: string[] = []
    for (let at = Date.parse('2024-01-01T00:00:00Z'); at < Date.parse('2025-01-01T00:00:00Z'); ) {
      const stretch = stretchAt('Africa/Casablanca', at)
      expect(stretch.start).toBe(at)
      ends.push(new Date(stretch.end).toISOString())
      at = stretch.end
    }
    // Morocco goes back an hour for Ramadan.
    expect(ends).toEqual(['2024-03-10T02:00:00.000Z', '2024-04-14T02:00:00.000Z', '2025-01-01T00:00:00.000Z'])
  })

  test('finds changes that are a week apart', () => {
    // Summer time that Boa Vista began and gave up again.
    const { start, end } = stretchAt('America/Boa_Vista', Date.parse('2000-10-10T00:00:00Z'))
    expect([start, end].map((ms) => new Date(ms).toISOString())).toEqual([
      '2000-10-08T04:00:00.000Z',
      '2000-10-15T03:00:00.000Z',
    ])
  })

  test('finds a change in the last hours of a year', () => {
    // Samoa left out the 30th of December 2011, to be a day ahead of its neighbours instead of a day behind.
    expect(stretchAt('Pacific/Apia', Date.parse('2011-12-30T09:59:59Z')).offset).toBe(-10 * 3_600_000)
    expect(stretchAt('Pacific/Apia', Date.parse('2011-12-30T10:00:00Z')).offset).toBe(14 * 3_600_000)
  })

  test('refuses what is no zone and what is no instant', () => {
    expect(() => stretchAt('America/Gotham', 0)).toThrow(RangeError)
    expect(() => stretchAt('UTC', Number.NaN)).toThrow(RangeError)
  })
})
