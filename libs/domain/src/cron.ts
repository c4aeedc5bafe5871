// When a cron expression occurs on the wall clock of a zone. The zone's time is walked as stretches of constant
// offset, inside which wall clock and instant run side by side; what daylight saving does happens only between two:
//
//   wall clock    01:00 ──── 02:00 ┐                       ┌ 01:00 ──── 02:00 ──── 03:00
//   gap                            └ 03:00 ──── 04:00      │ (a second time)        overlap
//
// With a fixed hour the expression means the wall clock: a time in a gap is skipped (or shifted to the gap's end),
// a time in an overlap counts when it first comes (or both times). With a wildcard or a step in the hour it follows
// real time: whatever the clock shows, as often as it shows it. Pure and exact to the second; a minute scanner in
// the tests says the same, only slower.
import { type Calendar, calendarOf } from './cron/calendar.ts'
import { stretchAt } from './cron/time-zone.ts'

export type DstPolicies = {
  /** A time that does not exist: not at all, or when the gap ends. */
  readonly dstGap: 'skip' | 'shift'
  /** A time that comes twice: the first time only, or both times. */
  readonly dstOverlap: 'first' | 'both'
}

export const defaultDstPolicies: DstPolicies = { dstGap: 'skip', dstOverlap: 'first' }

const DAY_MS = 86_400_000
// No change of offset takes a clock back by more than a day.
const LONGEST_OVERLAP_MS = 2 * DAY_MS
// The rarest possible day, 29 February, can be eight years away, and then fall on a skipped day of its zone.
const FARTHEST_MS = 13 * 366 * DAY_MS

/**
 * The first occurrence strictly after an instant; null if there is none within thirteen years. The expression and
 * the zone must be ones that parseCron and isTimeZone accept, else it throws a RangeError.
 */
export function nextOccurrence(
  expression: string,
  timezone: string,
  after: Date,
  policies: DstPolicies = defaultDstPolicies,
): Date | null {
  const calendar = calendarOf(expression)
  const shifts = calendar.fixedHour && policies.dstGap === 'shift'
  const firstOnly = calendar.fixedHour && policies.dstOverlap === 'first'
  const soonest = after.getTime() + 1
  // The latest wall clock shown so far: below it lies what was seen, above it a gap if the clock leaps on.
  let shown = Number.NEGATIVE_INFINITY
  let stretch = stretchAt(timezone, soonest - LONGEST_OVERLAP_MS)
  while (stretch.start < soonest + FARTHEST_MS) {
    const opens = stretch.start + stretch.offset
    const closes = stretch.end + stretch.offset
    if (stretch.end > soonest) {
      const endsGap = shifts && stretch.start >= soonest && shown < opens
      if (endsGap && namesBetween(calendar, shown, opens)) return new Date(stretch.start)
      const civil = calendar.firstFrom(Math.max(opens, soonest + stretch.offset, firstOnly ? shown : opens))
      if (civil === undefined) return null
      if (civil < closes) return new Date(civil - stretch.offset)
    }
    shown = Math.max(shown, closes)
    stretch = stretchAt(timezone, stretch.end)
  }
  return null
}

/**
 * The occurrences after `from` up to and including `to`, at most `limit` of them, in order. Throws as nextOccurrence
 * does.
 */
export function occurrencesBetween(
  expression: string,
  timezone: string,
  from: Date,
  to: Date,
  limit: number,
  policies: DstPolicies = defaultDstPolicies,
): Date[] {
  const found: Date[] = []
  let after = from
  while (found.length < limit) {
    const next = nextOccurrence(expression, timezone, after, policies)
    if (next === null || next.getTime() > to.getTime()) break
    found.push(next)
    after = next
  }
  return found
}

function namesBetween(calendar: Calendar, from: number, to: number): boolean {
  return (calendar.firstFrom(from) ?? to) < to
}
