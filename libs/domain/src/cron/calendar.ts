// The calendar of an expression: which minutes of a wall clock it names, without zones or daylight saving. A minute
// is named if its day is (see days.ts) and its hour and minute are on the expression's lists.
import { firstDayFrom } from './days.ts'
import { parseCron } from './parse-cron.ts'
import { remember } from './remember.ts'

export type Calendar = {
  readonly fixedHour: boolean
  /** The first named minute at or after a civil time, both as the UTC milliseconds of the same wall clock. */
  readonly firstFrom: (civilMs: number) => number | undefined
}

const MINUTE_MS = 60_000
const DAY_MINUTES = 1_440
const KEPT_CALENDARS = 4_096

/** The calendar of an expression; throws a RangeError for one that parseCron refuses. */
export const calendarOf = remember(KEPT_CALENDARS, (expression: string): Calendar => {
  const parsed = parseCron(expression)
  if (!parsed.ok) throw new RangeError(`not a cron expression: ${JSON.stringify(expression.slice(0, 256))}`)
  const { cron } = parsed
  const times = cron.hour.values.flatMap((hour) => cron.minute.values.map((minute) => hour * 60 + minute))
  const opening = times[0] ?? 0

  function firstFrom(civilMs: number): number | undefined {
    const minute = Math.ceil(civilMs / MINUTE_MS)
    const day = Math.floor(minute / DAY_MINUTES)
    const first = firstDayFrom(cron.days, day)
    if (first === day) {
      const time = firstAtLeast(times, minute - day * DAY_MINUTES)
      if (time !== undefined) return (day * DAY_MINUTES + time) * MINUTE_MS
    }
    const next = first === day ? firstDayFrom(cron.days, day + 1) : first
    return next === undefined ? undefined : (next * DAY_MINUTES + opening) * MINUTE_MS
  }
  return { fixedHour: cron.fixedHour, firstFrom }
})

// Binary search: the list of `* * * * *` has all the minutes of a day.
function firstAtLeast(ascending: readonly number[], least: number): number | undefined {
  let low = 0
  let high = ascending.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ascending[middle] ?? 0) < least) low = middle + 1
    else high = middle
  }
  return ascending[low]
}
