// What a changed job means for its schedule. Pure; the time is an argument.
//
// An edit acts from the moment it was made: nominal times up to it belong to the old timetable and are decided by it,
// so that an edit never makes one vanish; those after it belong to the new one. An edit that is learnt of late (the
// scheduler was down) starts from now, because what its timetable named before it was known was never promised.
// Disabling and enabling are such edits: the times in between are skipped. Only, disabling that is learnt of late starts from when it was
// done, because those times were promised by the timetable that was known, and must not vanish from the ledger.
// Enabling that is learnt of late leaves those times to the ledger, too: as skipped, which is what was known of them.
// A time that was decided between an edit and its notice stays decided: the ledger names it already. So one that fired after its job was
// disabled is told by what the dispatcher says of it, and one that was skipped after its job was enabled stays skipped.
// Whoever changes anything else leaves the next time as it is: it may be due this very moment.

import { decideFires, type FireDecision } from './decide-fires.ts'
import { isSameTimetable, nextFire, type Timetable } from './next-fire.ts'

const LEARNT_LATE_MS = 60_000
// Ten weeks of every minute: more than any schedule sleeps before somebody edits it.
const MOST_TIMES = 100_000

/** A job as far as schedules are concerned. */
export interface ChangedJob {
  readonly id: string
  readonly projectId: string
  readonly version: number
  readonly timetable: Timetable | undefined
  readonly enabled: boolean
  readonly payload: string
  /** When it was changed; undefined for now. */
  readonly changedAt: Date | undefined
}

/** The schedule as it is known. */
export interface KnownSchedule extends Timetable {
  readonly id: string
  readonly enabled: boolean
  readonly nextFireAt: Date | null
  readonly missedFrom: Date | null
}

export interface ScheduleChange {
  /** What the old timetable still owes the ledger. */
  readonly owed: FireDecision | undefined
  /** The schedule's next time from now on; undefined where there is no schedule (any more). */
  readonly next: { readonly nextFireAt: Date | null; readonly missedFrom: Date | null } | undefined
}

/** Decides what becomes of a schedule when its job changed. */
export function changeSchedule(job: ChangedJob, known: KnownSchedule | undefined, now: Date): ScheduleChange {
  const { timetable, enabled } = job
  const keepsTimetable = known !== undefined && timetable !== undefined && isSameTimetable(known, timetable)
  if (keepsTimetable && known.enabled === enabled) {
    return { owed: undefined, next: { nextFireAt: known.nextFireAt, missedFrom: known.missedFrom } }
  }
  const edited = job.changedAt !== undefined && job.changedAt < now ? job.changedAt : now
  const wasPromised = known !== undefined && !enabled
  const learntLate = !wasPromised && now.getTime() - edited.getTime() > LEARNT_LATE_MS
  const from = learntLate ? now : edited
  const owed = known === undefined ? undefined : owedUntil(known, keepsTimetable ? from : edited, now)
  if (timetable === undefined) return { owed, next: undefined }
  const undecided = keepsTimetable ? known.nextFireAt : null
  const next = nextFire(timetable, from)
  const nextFireAt = next !== null && undecided !== null && undecided > next ? undecided : next
  return { owed, next: { nextFireAt, missedFrom: null } }
}

function owedUntil(known: KnownSchedule, edited: Date, now: Date): FireDecision | undefined {
  const { nextFireAt } = known
  if (nextFireAt === null || nextFireAt > edited) return undefined
  return decideFires({ ...known, nextFireAt }, { now, until: edited, most: MOST_TIMES })
}
