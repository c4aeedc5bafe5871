import { nextOccurrence } from '@strait/domain/cron'

/** Where the nominal times of a schedule come from. */
export interface Timetable {
  readonly cron: string
  readonly timezone: string
}

/**
 * The first nominal time after an instant, or null if there is none. An expression that cannot be read has none
 * either: the catalog refuses it, and should one come all the same, it must not stop the other schedules of a batch.
 */
export function nextFire({ cron, timezone }: Timetable, after: Date): Date | null {
  try {
    return nextOccurrence(cron, timezone, after)
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

/** Says whether two timetables name the same times in the same words. */
export function isSameTimetable(a: Timetable, b: Timetable): boolean {
  return a.cron === b.cron && a.timezone === b.timezone
}
