// When the job fires by itself, and the window in which its attempts may start.

import { isTimeZone } from '@strait/domain/cron/time-zone'
import { checkScheduleFields } from '../check-schedule.ts'
import { checkWord } from '../field-rules.ts'
import { checkWindow } from './check-window.ts'
import { configDefaults, type JobConfig } from './job.ts'
import type { JobInput, Say } from './job-input.ts'

type Schedule = ReturnType<typeof checkScheduleFields> &
  Pick<JobConfig, 'executionWindowCron' | 'windowPolicy'>

/** Checks the fields of a job's own schedule, and its window. */
export function checkSchedule(input: JobInput, now: Date, say: Say): Schedule {
  const schedule = checkScheduleFields(input, say)
  const { executionWindowCron } = input
  if (executionWindowCron !== undefined) {
    const timezone = isTimeZone(schedule.timezone) ? schedule.timezone : configDefaults.timezone
    checkWindow(executionWindowCron, timezone, now, say)
  }
  const windowPolicy = checkWord(say, 'window_policy', input.windowPolicy, ['latest', 'wait', 'skip'])
  return { ...schedule, executionWindowCron, windowPolicy }
}
