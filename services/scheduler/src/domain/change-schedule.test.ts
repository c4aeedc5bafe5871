import { describe, expect, test } from 'vitest'
import { type ChangedJob, changeSchedule, type KnownSchedule } from './change-schedule.ts'

const at = (time: string) => new Date(`2026-03-02T${time}Z`)
const hourly = { cron: '0 * * * *', timezone: 'UTC' }
const everyMinute = { cron: '* * * * *', timezone: 'UTC' }

function aJob(more: Partial<ChangedJob> = {}): ChangedJob {
  const timetable = everyMinute
  const changedAt = at('12:10:20')
  return { id: 'a', projectId: 'p', version: 2, timetable, enabled: true, payload: '{}', changedAt, ...more }
}

function aSchedule(more: Partial<KnownSchedule> = {}): KnownSchedule {
  return { id: 'a', ...hourly, enabled: true, nextFireAt: at('13:00:00'), missedFrom: null, ...more }
}

describe('a job with a new timetable', () => {
  test('fires from the moment of its edit on', () => {
    expect(changeSchedule(aJob(), undefined, at('12:10:21'))).toEqual({
      owed: undefined,
      next: { nextFireAt: at('12:11:00'), missedFrom: null },
    })
  })

  test('fires a time that came between the edit and its notice', () => {
    const job = aJob({ changedAt: at('12:10:59') })
    expect(changeSchedule(job, undefined, at('12:11:01')).next).toMatchObject({ nextFireAt: at('12:11:00') })
  })

  test('starts from now, without catching up, when its edit was learnt of late', () => {
    expect(changeSchedule(aJob(), undefined, at('15:00:30')).next).toMatchObject({
      nextFireAt: at('15:01:00'),
    })
  })

  test('starts from now when its edit seems to lie in the future', () => {
    const job = aJob({ changedAt: at('18:00:00') })
    expect(changeSchedule(job, aSchedule(), at('12:10:21'))).toEqual({
      owed: undefined,
      next: { nextFireAt: at('12:11:00'), missedFrom: null },
    })
  })
})

describe('what the old timetable still owes', () => {
  test('is the time that was due before the edit', () => {
    const change = changeSchedule(
      aJob({ changedAt: at('13:00:01') }),
      aSchedule({ nextFireAt: at('13:00:00') }),
      at('13:00:02'),
    )
    expect(change.owed).toMatchObject({ fires: [at('13:00:00')], unfired: undefined })
    expect(change.next).toMatchObject({ nextFireAt: at('13:01:00') })
  })

  test('is every time up to the edit, and none after it, when both were learnt of late', () => {
    const known = aSchedule({ ...everyMinute, nextFireAt: at('12:00:00') })
    const change = changeSchedule(
      aJob({ timetable: hourly, changedAt: at('12:10:20') }),
      known,
      at('14:30:00'),
    )
    expect(change.owed).toMatchObject({
      fires: [],
      unfired: { outcome: 'missed', from: at('12:00:00'), through: at('12:10:00'), count: 11 },
    })
    expect(change.next).toMatchObject({ nextFireAt: at('15:00:00') })
  })

  test('is nothing when its next time lies after the edit', () => {
    expect(changeSchedule(aJob(), aSchedule(), at('12:10:21')).owed).toBeUndefined()
  })

  test('is decided for a job that no longer has a cron, too', () => {
    const change = changeSchedule(
      aJob({ timetable: undefined, changedAt: at('13:00:01') }),
      aSchedule(),
      at('13:00:02'),
    )
    expect(change).toMatchObject({ owed: { fires: [at('13:00:00')] }, next: undefined })
  })
})

describe('a job whose timetable stays', () => {
  test('keeps its next time, even one that is due this moment', () => {
    const known = aSchedule({ nextFireAt: at('12:00:00'), missedFrom: at('11:00:00') })
    const change = changeSchedule(aJob({ timetable: hourly }), known, at('12:10:21'))
    expect(change).toEqual({
      owed: undefined,
      next: { nextFireAt: at('12:00:00'), missedFrom: at('11:00:00') },
    })
  })
})

describe('a job that is disabled', () => {
  const disabled = { timetable: everyMinute, enabled: false }

  test('keeps its schedule, which is silent from the moment of the edit', () => {
    const known = aSchedule({ ...everyMinute, nextFireAt: at('12:10:00') })
    const change = changeSchedule(aJob(disabled), known, at('12:10:21'))
    expect(change.owed).toMatchObject({ fires: [at('12:10:00')] })
    expect(change.next).toEqual({ nextFireAt: at('12:11:00'), missedFrom: null })
  })

  test('loses no time from the ledger when that is learnt of late', () => {
    const known = aSchedule({ ...everyMinute, nextFireAt: at('12:10:00') })
    expect(changeSchedule(aJob(disabled), known, at('15:00:30')).next).toEqual({
      nextFireAt: at('12:11:00'),
      missedFrom: null,
    })
  })

  test('has a schedule from the beginning, as long as it has a cron', () => {
    expect(changeSchedule(aJob(disabled), undefined, at('12:10:21')).next).toMatchObject({
      nextFireAt: at('12:11:00'),
    })
  })

  test('fires again from the moment it is enabled, without catching up', () => {
    const known = aSchedule({
      ...everyMinute,
      enabled: false,
      nextFireAt: at('12:09:00'),
      missedFrom: at('11:00:00'),
    })
    const change = changeSchedule(aJob({ timetable: everyMinute }), known, at('12:10:21'))
    expect(change.owed).toMatchObject({
      fires: [],
      unfired: {
        outcome: 'skipped',
        from: at('11:00:00'),
        first: at('12:09:00'),
        through: at('12:10:00'),
        count: 2,
      },
    })
    expect(change.next).toEqual({ nextFireAt: at('12:11:00'), missedFrom: null })
  })
})

test('a job that was deleted is owed what was due until that is heard of', () => {
  const known = aSchedule({ ...everyMinute, nextFireAt: at('12:30:00') })
  const deleted = aJob({ timetable: undefined, changedAt: undefined })
  expect(changeSchedule(deleted, known, at('12:30:01'))).toMatchObject({
    owed: { fires: [at('12:30:00')] },
    next: undefined,
  })
})

test('a job without a cron and without a schedule changes nothing', () => {
  const change = changeSchedule(aJob({ timetable: undefined }), undefined, at('12:10:21'))
  expect(change).toEqual({ owed: undefined, next: undefined })
})

test('an expression that cannot be read has no next time and stops nobody else', () => {
  const timetable = { cron: '99 * * * *', timezone: 'UTC' }
  expect(changeSchedule(aJob({ timetable }), undefined, at('12:10:21')).next).toMatchObject({
    nextFireAt: null,
  })
})
