// What happens to the nominal times of a schedule that have come: which of them fire, which were missed or skipped, and
// which time comes next. Pure; the time is an argument.
//
//   … ──● missed ──● missed ──● missed ──● fires ──┼──○ next
//       nextFireAt                                 until (now)
//
// A time at most a minute late is on time and fires. If the latest is later than that, the schedule was not looked
// after for a while: the latest is made up for unless it is too old, the others are missed. Every time up to `until`
// ends up in exactly one of the two, and those that fire come after those that were missed.
//
// While the job is disabled nothing fires: every time is skipped, and all of them are one range that grows.
//
// A schedule that fires each minute and slept for a month has 43,000 times: they are told in slices of at most
// `most`. A slice that does not reach `until` ends with `nextFireAt` still in the past, and the next one goes on there.

import { nextFire, type Timetable } from './next-fire.ts'

const ON_TIME_MS = 60_000
const LEAST_MAX_AGE_MS = 3_600_000
const LONGEST_MAX_AGE_MS = 86_400_000

export interface DueSchedule extends Timetable {
  /** The earliest nominal time that is not decided yet. */
  readonly nextFireAt: Date
  /** Whether its job is enabled. */
  readonly enabled: boolean
  /** Where a run of missed or skipped times began of which a part was told before. */
  readonly missedFrom: Date | null
}

/** Consecutive times that did not fire, for one reason. */
export interface UnfiredRange {
  readonly outcome: 'missed' | 'skipped'
  readonly from: Date
  /** The first that this slice adds. */
  readonly first: Date
  readonly through: Date
  /** How many this slice adds. */
  readonly count: number
}

export interface FireDecision {
  /** Nominal times that become runs, earliest first: rarely more than one. */
  readonly fires: readonly Date[]
  /** The one that fires is late and makes up for what was missed. */
  readonly makesUp: boolean
  readonly unfired: UnfiredRange | undefined
  readonly nextFireAt: Date | null
  /** Set while the run of missed or skipped times goes on after this slice. */
  readonly missedFrom: Date | null
  /** How many nominal times were looked at. */
  readonly steps: number
}

export interface DecideOptions {
  readonly now: Date
  /** Times after this are left alone. */
  readonly until: Date
  /** The most nominal times to look at. */
  readonly most: number
}

/** Decides about the times of a schedule that have come. */
export function decideFires(schedule: DueSchedule, { now, until, most }: DecideOptions): FireDecision {
  const times: Date[] = []
  let next: Date | null = schedule.nextFireAt
  while (next !== null && next <= until && times.length < most) {
    times.push(next)
    next = nextFire(schedule, next)
  }
  if (!schedule.enabled) {
    const skipped = rangeOf('skipped', times, schedule.missedFrom)
    return {
      fires: [],
      makesUp: false,
      unfired: skipped,
      nextFireAt: next,
      missedFrom: skipped?.from ?? schedule.missedFrom,
      steps: times.length,
    }
  }
  const reached = next === null || next > until
  const fires = times.filter((time) => ageMs(time, now) <= ON_TIME_MS)
  const latest = times.at(-1)
  const makesUp = reached && fires.length === 0 && latest !== undefined && isWorthMakingUp(latest, next, now)
  if (makesUp) fires.push(latest)
  const missed = rangeOf('missed', times.slice(0, times.length - fires.length), schedule.missedFrom)
  return {
    fires,
    makesUp,
    unfired: missed,
    nextFireAt: next,
    missedFrom: reached ? null : (missed?.from ?? null),
    steps: times.length,
  }
}

// The rarer a schedule fires, the longer its last time is worth making up for: until the next one is due, but at
// least an hour and at most a day.
function isWorthMakingUp(time: Date, next: Date | null, now: Date): boolean {
  const gapMs = next === null ? LONGEST_MAX_AGE_MS : ageMs(time, next)
  return ageMs(time, now) <= Math.max(LEAST_MAX_AGE_MS, Math.min(LONGEST_MAX_AGE_MS, gapMs))
}

function rangeOf(
  outcome: UnfiredRange['outcome'],
  times: readonly Date[],
  begun: Date | null,
): UnfiredRange | undefined {
  const first = times[0]
  const last = times.at(-1)
  if (first === undefined || last === undefined) return undefined
  return { outcome, from: begun ?? first, first, through: last, count: times.length }
}

function ageMs(from: Date, to: Date): number {
  return to.getTime() - from.getTime()
}
