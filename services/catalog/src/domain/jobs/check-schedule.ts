// When the job fires by itself, with what, and what happens to fires that cannot be made as they were meant.

import { parseCron } from '@strait/domain/cron/parse-cron'
import { isTimeZone } from '@strait/domain/cron/time-zone'
import { checkJsonText } from '@strait/domain/json-text'
import { quoteShort } from '../text-rules.ts'
import { checkWindow } from './check-window.ts'
import { sayCronProblems } from './cron-problems.ts'
import { checkBounds, checkWord } from './field-rules.ts'
import { configDefaults, type JobConfig } from './job.ts'
import type { JobInput, Say } from './job-input.ts'

const maxPayloadBytes = 1024 * 1024

type Schedule = Pick<JobConfig, 'cron' | 'cronPayload' | 'timezone' | 'executionWindowCron'> & Policies
type Policies = Pick<
  JobConfig,
  'dstGap' | 'dstOverlap' | 'misfire' | 'misfireMaxAgeSecs' | 'overlap' | 'windowPolicy' | 'spreadSecs'
>

/** Checks the fields of a job's own schedule, and the window in which its attempts may start. */
export function checkSchedule(input: JobInput, now: Date, say: Say): Schedule {
  const { cron, cronPayload = configDefaults.cronPayload, timezone = configDefaults.timezone } = input
  const { executionWindowCron } = input
  if (cron !== undefined) {
    const parsed = parseCron(cron)
    if (!parsed.ok) sayCronProblems('cron', parsed.problems, say)
  }
  const payload = checkJsonText(cronPayload, { maxBytes: maxPayloadBytes })
  if (!payload.ok)
    say('cron_payload', [payload.message, payload.path && `(at ${payload.path})`].filter(Boolean).join(' '))

  const isZone = isTimeZone(timezone)
  if (!isZone) say('timezone', `must be an IANA name such as Europe/Berlin, not ${quoteShort(timezone)}`)
  if (executionWindowCron !== undefined) {
    checkWindow(executionWindowCron, isZone ? timezone : configDefaults.timezone, now, say)
  }
  return { cron, cronPayload, timezone, executionWindowCron, ...checkPolicies(input, say) }
}

function checkPolicies(input: JobInput, say: Say): Policies {
  const { dstGap = configDefaults.dstGap, dstOverlap = configDefaults.dstOverlap } = input
  const { misfire = configDefaults.misfire, misfireMaxAgeSecs } = input
  const { overlap = configDefaults.overlap, windowPolicy = configDefaults.windowPolicy } = input
  const { spreadSecs = configDefaults.spreadSecs } = input
  if (misfireMaxAgeSecs !== undefined) checkBounds('misfire_max_age_secs', misfireMaxAgeSecs, 1, 604_800, say)
  checkBounds('spread_secs', spreadSecs, 0, 3_600, say)
  return {
    dstGap: checkWord('dst_gap', dstGap, ['skip', 'shift'], say),
    dstOverlap: checkWord('dst_overlap', dstOverlap, ['first', 'both'], say),
    misfire: checkWord('misfire', misfire, ['fire_once', 'skip', 'fire_all'], say),
    misfireMaxAgeSecs,
    overlap: checkWord('overlap', overlap, ['allow', 'skip', 'queue_one'], say),
    windowPolicy: checkWord('window_policy', windowPolicy, ['latest', 'wait', 'skip'], say),
    spreadSecs,
  }
}
