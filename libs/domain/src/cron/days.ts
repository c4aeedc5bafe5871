// The days that the last three fields of an expression name. croner computes them, on an offset of zero, where wall
// clock and instant are the same; it is handed plain lists of numbers, so that only our own parser decides what an
// expression means.
//
// Why days and not minutes: a croner object weighs 81 KB and takes 50 µs to make. Many schedules have thousands of
// different minutes but few different days. With 840 expressions in turn and 256 objects kept, a step cost 370 µs
// by whole expression, most of it garbage collection, and costs 10 µs by days.
import { Cron } from 'croner'
import { remember } from './remember.ts'

const DAY_MS = 86_400_000
const KEPT_DAYS = 256

/** The first named day at or after a day; days are counted from 1970-01-01. Undefined if there is none by 3000. */
export function firstDayFrom(days: string, day: number): number | undefined {
  return daysOf(days)(day)
}

const daysOf = remember(KEPT_DAYS, (days: string): ((day: number) => number | undefined) => {
  const croner = new Cron(`0 0 ${days}`, { mode: '5-part', utcOffset: 0, paused: true })
  // Between what was asked and what was answered lies nothing else, so the same answer holds for all of it: all
  // schedules that wait for the same Monday ask once.
  let asked = 1
  let answer: number | undefined = 0
  return (day) => {
    if (day < asked || (answer !== undefined && day > answer)) {
      asked = day
      // croner looks strictly after a whole second, so a millisecond less includes the asked day.
      const found = croner.nextRun(new Date(day * DAY_MS - 1))
      answer = found === null ? undefined : found.getTime() / DAY_MS
    }
    return answer
  }
})
