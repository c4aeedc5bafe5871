import { occurrencesBetween } from '@strait/domain/cron'
import { describe, expect, test } from 'vitest'
import { type DueSchedule, decideFires } from './decide-fires.ts'

const everyMinute = { cron: '* * * * *', timezone: 'UTC' }
const everyQuarter = { cron: '*/15 * * * *', timezone: 'UTC' }
const daily = { cron: '0 3 * * *', timezone: 'UTC' }
const weekly = { cron: '0 3 * * 1', timezone: 'UTC' }

const at = (text: string) => new Date(`${text}Z`)
const texts = (times: readonly Date[]) =>
  times.map((time) => time.toISOString().slice(5, 16).replace('T', ' '))

function decide(
  timetable: { cron: string; timezone: string },
  next: string,
  now: string,
  more: { most?: number; missedFrom?: string; until?: string; enabled?: boolean } = {},
) {
  const missedFrom = more.missedFrom === undefined ? null : at(more.missedFrom)
  const schedule: DueSchedule = {
    ...timetable,
    enabled: more.enabled ?? true,
    nextFireAt: at(next),
    missedFrom,
  }
  const decision = decideFires(schedule, {
    now: at(now),
    until: at(more.until ?? now),
    most: more.most ?? 1_000,
  })
  const { unfired } = decision
  const told = (outcome: string) =>
    unfired?.outcome !== outcome
      ? undefined
      : `${texts([unfired.from, unfired.through]).join(' to ')}: ${unfired.count}`
  return {
    fires: texts(decision.fires),
    missed: told('missed'),
    skipped: told('skipped'),
    next: decision.nextFireAt === null ? undefined : texts([decision.nextFireAt])[0],
    makesUp: decision.makesUp,
    goesOnFrom: decision.missedFrom === null ? undefined : texts([decision.missedFrom])[0],
  }
}

describe('what fires', () => {
  test.each([
    ['at its very time', '2026-03-02T12:00:00'],
    ['a moment late', '2026-03-02T12:00:00.250'],
    ['59 seconds late', '2026-03-02T12:00:59'],
  ])('a time %s fires, and nothing is missed', (_, now) => {
    expect(decide(everyMinute, '2026-03-02T12:00:00', now)).toEqual({
      fires: ['03-02 12:00'],
      missed: undefined,
      skipped: undefined,
      next: '03-02 12:01',
      makesUp: false,
      goesOnFrom: undefined,
    })
  })

  test('a time that is still to come is left alone', () => {
    expect(decide(everyMinute, '2026-03-02T12:00:00', '2026-03-02T11:59:59.999')).toMatchObject({
      fires: [],
      missed: undefined,
      next: '03-02 12:00',
    })
  })

  test('of two times that are both at most a minute late both fire', () => {
    expect(decide(everyMinute, '2026-03-02T12:00:00', '2026-03-02T12:01:00')).toMatchObject({
      fires: ['03-02 12:00', '03-02 12:01'],
      missed: undefined,
    })
  })

  test('after a sleep the time that is due now fires and every one before it was missed', () => {
    expect(decide(everyMinute, '2026-03-02T12:00:00', '2026-03-02T13:00:05')).toMatchObject({
      fires: ['03-02 13:00'],
      missed: '03-02 12:00 to 03-02 12:59: 60',
      next: '03-02 13:01',
      makesUp: false,
    })
  })

  test('after a sleep that ends between two times the latest is made up for', () => {
    expect(decide(everyQuarter, '2026-03-02T12:00:00', '2026-03-02T13:10:00')).toMatchObject({
      fires: ['03-02 13:00'],
      missed: '03-02 12:00 to 03-02 12:45: 4',
      next: '03-02 13:15',
      makesUp: true,
    })
  })
})

describe('how old a missed time may be to be made up for', () => {
  test.each([
    ['a quarter-hourly one until the next', everyQuarter, '2026-03-02T12:00:00', '2026-03-02T12:14:59', true],
    ['a daily one until the next', daily, '2026-03-02T03:00:00', '2026-03-03T02:59:00', true],
    ['a weekly one for a day', weekly, '2026-03-02T03:00:00', '2026-03-03T03:00:00', true],
    ['a weekly one for no longer', weekly, '2026-03-02T03:00:00', '2026-03-03T03:00:00.001', false],
  ])('%s', (_, timetable, next, now, fires) => {
    const decision = decide(timetable, next, now)
    expect(decision.fires).toHaveLength(fires ? 1 : 0)
    expect(decision.missed === undefined).toBe(fires)
  })
})

describe('a very long sleep', () => {
  test('is told in slices, each going on where the one before ended', () => {
    const first = decide(everyMinute, '2026-03-02T12:00:00', '2026-03-02T12:05:30', { most: 3 })
    expect(first).toMatchObject({
      fires: [],
      missed: '03-02 12:00 to 03-02 12:02: 3',
      next: '03-02 12:03',
      goesOnFrom: '03-02 12:00',
    })
    const second = decide(everyMinute, '2026-03-02T12:03:00', '2026-03-02T12:05:30', {
      most: 3,
      missedFrom: '2026-03-02T12:00:00',
    })
    expect(second).toMatchObject({
      fires: ['03-02 12:05'],
      missed: '03-02 12:00 to 03-02 12:04: 2',
      next: '03-02 12:06',
      goesOnFrom: undefined,
    })
  })

  test('costs no more steps than it is given', () => {
    const schedule = {
      ...everyMinute,
      enabled: true,
      nextFireAt: at('2020-01-01T00:00:00'),
      missedFrom: null,
    }
    const now = at('2026-01-01T00:00:00')
    expect(decideFires(schedule, { now, until: now, most: 50 }).steps).toBe(50)
  })
})

describe('while the job is disabled', () => {
  test('every time is skipped, and what was told before grows', () => {
    const first = decide(everyMinute, '2026-03-02T12:00:00', '2026-03-02T12:00:10', { enabled: false })
    expect(first).toEqual({
      fires: [],
      missed: undefined,
      skipped: '03-02 12:00 to 03-02 12:00: 1',
      next: '03-02 12:01',
      makesUp: false,
      goesOnFrom: '03-02 12:00',
    })
    const more = { enabled: false, missedFrom: '2026-03-02T12:00:00' }
    expect(decide(everyMinute, '2026-03-02T12:01:00', '2026-03-02T12:03:10', more)).toMatchObject({
      fires: [],
      skipped: '03-02 12:00 to 03-02 12:03: 3',
      goesOnFrom: '03-02 12:00',
    })
  })

  test('a time that is late is skipped, not missed', () => {
    expect(decide(daily, '2026-03-02T03:00:00', '2026-03-09T12:00:00', { enabled: false })).toMatchObject({
      fires: [],
      missed: undefined,
      skipped: '03-02 03:00 to 03-09 03:00: 8',
    })
  })

  test('a time that is still to come ends no range', () => {
    const more = { enabled: false, missedFrom: '2026-03-02T12:00:00' }
    expect(decide(everyMinute, '2026-03-02T12:05:00', '2026-03-02T12:04:30', more)).toMatchObject({
      skipped: undefined,
      next: '03-02 12:05',
      goesOnFrom: '03-02 12:00',
    })
  })
})

test('times after the limit are left alone, however late it is', () => {
  expect(
    decide(everyQuarter, '2026-03-02T12:00:00', '2026-03-02T12:40:00', { until: '2026-03-02T12:20:00' }),
  ).toMatchObject({
    fires: ['03-02 12:15'],
    missed: '03-02 12:00 to 03-02 12:00: 1',
    next: '03-02 12:30',
  })
})

test('a schedule without a further time has none', () => {
  const decision = decide({ cron: 'nonsense', timezone: 'UTC' }, '2026-03-02T12:00:00', '2026-03-02T12:00:01')
  expect(decision).toMatchObject({ fires: ['03-02 12:00'], next: undefined })
})

test('whenever a schedule is looked at, each of its times ends up in one decision and in one only', () => {
  const random = seeded(7)
  const crons = ['* * * * *', '*/7 * * * *', '0 * * * *', '30 2 * * *', '5 4 * * 0']
  for (let round = 0; round < 60; round += 1) {
    const timetable = { cron: crons[round % crons.length]!, timezone: 'Europe/Berlin' }
    const start = at('2026-03-27T00:00:00')
    const [first] = occurrencesBetween(
      timetable.cron,
      timetable.timezone,
      start,
      at('2027-01-01T00:00:00'),
      1,
    )
    let schedule: DueSchedule = { ...timetable, enabled: true, nextFireAt: first!, missedFrom: null }
    let now = start
    let told = 0
    const fired: number[] = []
    for (let turn = 0; turn < 40; turn += 1) {
      now = new Date(now.getTime() + Math.floor(random() ** 4 * 6 * 3_600_000))
      const decision = decideFires(schedule, { now, until: now, most: 100 })
      told += decision.fires.length + (decision.unfired?.count ?? 0)
      fired.push(...decision.fires.map((time) => time.getTime()))
      // Disabled and enabled again now and then.
      const enabled = turn % 5 !== 3
      const missedFrom = enabled === schedule.enabled ? decision.missedFrom : null
      schedule = { ...timetable, enabled, nextFireAt: decision.nextFireAt!, missedFrom }
    }
    const last = new Date(schedule.nextFireAt.getTime() - 1)
    const all = occurrencesBetween(timetable.cron, timetable.timezone, start, last, 100_000)
    expect(told).toBe(all.length)
    expect(new Set(fired).size).toBe(fired.length)
    const known = new Set(all.map((time) => time.getTime()))
    expect(fired.filter((time) => !known.has(time))).toEqual([])
  }
})

function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
