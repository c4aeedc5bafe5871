// When attempts may start: an execution window. It is written as a cron expression and names minutes of the wall clock,
// each open from its first second to its last. What its minute field may be, and what then is open:
//
//   `*`          every minute of the hours it names          * 9-16 * * *      09:00 to 16:59
//   one range    those minutes of the hours it names         15-44 9-16 * * *  09:15 to 09:44, 10:15 to 10:44 …
//   one number   the 60 minutes from each match on           30 9-16 * * *     09:30 to 17:29; 30 23 * * 1 into Tuesday
//
// Only what the clock on the wall shows counts: an hour that the clock repeats is open both times, one that it skips never
// comes, and so never opens. Pure; a minute scanner in the tests says the same, only slower.
import { calendarOf } from './cron/calendar.ts'
import { type CronProblem, parseCron } from './cron/parse-cron.ts'
import { stretchAt } from './cron/time-zone.ts'

/** A window that parseWindow accepted. */
export type Window = {
  readonly expression: string
  /** How long each match of the expression is open. */
  readonly openMs: number
}

export type ParsedWindow =
  | { readonly ok: true; readonly window: Window }
  | { readonly ok: false; readonly problems: readonly CronProblem[] }

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/** How far ahead an opening is looked for: five years. */
export const FARTHEST_OPENING_MS = (5 * 365 + 1) * 24 * HOUR_MS

/** Reads a window, or names every field of it that is wrong. */
export function parseWindow(expression: string): ParsedWindow {
  const parsed = parseCron(expression)
  if (!parsed.ok) return parsed
  const [minute = ''] = expression.trim().split(/[ \t\n\r\f\v]+/)
  if (/^\d+$/.test(minute)) return { ok: true, window: { expression, openMs: HOUR_MS } }
  if (minute === '*' || /^\d+-\d+$/.test(minute)) {
    return { ok: true, window: { expression, openMs: MINUTE_MS } }
  }
  const reason = `of a window must be *, one range or one number, not ${JSON.stringify(minute)}`
  return { ok: false, problems: [{ field: 'minute', reason }] }
}

/** Says whether a window is open at an instant, on the wall clock of a zone that isTimeZone accepts. */
export function isOpen(window: Window, timeZone: string, instant: Date): boolean {
  const ms = instant.getTime()
  return isOpenAt(window, ms + stretchAt(timeZone, ms).offset)
}

/** The first instant at or after this one at which a window is open; null where there is none within five years. */
export function nextOpening(window: Window, timeZone: string, instant: Date): Date | null {
  const soonest = instant.getTime()
  const farthest = soonest + FARTHEST_OPENING_MS
  let stretch = stretchAt(timeZone, soonest)
  while (stretch.start <= farthest) {
    const from = Math.max(stretch.start, soonest) + stretch.offset
    const civil = isOpenAt(window, from) ? from : calendarOf(window.expression).firstFrom(from)
    if (civil === undefined) return null
    const opens = civil - stretch.offset
    if (opens < stretch.end) return opens <= farthest ? new Date(opens) : null
    stretch = stretchAt(timeZone, stretch.end)
  }
  return null
}

/** Whether the wall clock shows an open minute; its time is given as the UTC milliseconds of the same wall clock. */
function isOpenAt({ expression, openMs }: Window, civil: number): boolean {
  const minute = Math.floor(civil / MINUTE_MS) * MINUTE_MS
  const match = calendarOf(expression).firstFrom(minute - openMs + MINUTE_MS)
  return match !== undefined && match <= minute
}
