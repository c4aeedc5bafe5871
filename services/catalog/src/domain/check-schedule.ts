// When something fires by itself, and with what: the fields that everything with a `cron` has.

import { parseCron } from '@strait/domain/cron/parse-cron'
import { isTimeZone } from '@strait/domain/cron/time-zone'
import { checkJsonText } from '@strait/domain/json-text'
import { sayCronProblems } from './cron-problems.ts'
import { checkBounds, checkOptionalBounds, checkWord } from './field-rules.ts'
import type { Say } from './jobs/job-input.ts'
import { quoteShort } from './text-rules.ts'

const maxPayloadBytes = 1024 * 1024

/** The fields as they came. */
export interface ScheduleInput {
  readonly cron?: string | undefined
  readonly cronPayload?: string | undefined
  readonly timezone?: string | undefined
  readonly dstGap?: string | undefined
  readonly dstOverlap?: string | undefined
  readonly misfire?: string | undefined
  readonly misfireMaxAgeSecs?: number | undefined
  readonly overlap?: string | undefined
  readonly spreadSecs?: number | undefined
}

/** Checks the fields of a schedule and fills in their defaults. */
export function checkScheduleFields(input: ScheduleInput, say: Say) {
  const { cron, cronPayload = '{}', timezone = 'UTC', misfireMaxAgeSecs, spreadSecs = 0 } = input
  const parsed = cron === undefined ? undefined : parseCron(cron)
  if (parsed?.ok === false) sayCronProblems('cron', parsed.problems, say)
  const payload = checkJsonText(cronPayload, { maxBytes: maxPayloadBytes })
  if (!payload.ok)
    say('cron_payload', payload.path ? `${payload.message} (at ${payload.path})` : payload.message)
  if (!isTimeZone(timezone))
    say('timezone', `must be an IANA name such as Europe/Berlin, not ${quoteShort(timezone)}`)
  return {
    cron,
    cronPayload,
    timezone,
    dstGap: checkWord(say, 'dst_gap', input.dstGap, ['skip', 'shift']),
    dstOverlap: checkWord(say, 'dst_overlap', input.dstOverlap, ['first', 'both']),
    misfire: checkWord(say, 'misfire', input.misfire, ['fire_once', 'skip', 'fire_all']),
    misfireMaxAgeSecs: checkOptionalBounds(say, 'misfire_max_age_secs', misfireMaxAgeSecs, 1, 604_800),
    overlap: checkWord(say, 'overlap', input.overlap, ['allow', 'skip', 'queue_one']),
    spreadSecs: checkBounds(say, 'spread_secs', spreadSecs, 0, 3_600),
  }
}
