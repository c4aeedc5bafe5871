// When the job fires by itself, and with what.

import { parseCron } from '@strait/domain/cron/parse-cron'
import { isTimeZone } from '@strait/domain/cron/time-zone'
import { checkJsonText } from '@strait/domain/json-text'
import { quoteShort } from '../text-rules.ts'
import type { JobConfig } from './job.ts'
import { configDefaults } from './job.ts'
import type { JobInput, Say } from './job-input.ts'

const maxPayloadBytes = 1024 * 1024

/** Checks the fields of a job's own schedule. */
export function checkSchedule(
  input: JobInput,
  say: Say,
): Pick<JobConfig, 'cron' | 'cronPayload' | 'timezone'> {
  const { cron, cronPayload = configDefaults.cronPayload, timezone = configDefaults.timezone } = input
  if (cron !== undefined) checkCron(cron, say)

  const payload = checkJsonText(cronPayload, { maxBytes: maxPayloadBytes })
  if (!payload.ok)
    say('cron_payload', [payload.message, payload.path && `(at ${payload.path})`].filter(Boolean).join(' '))

  if (!isTimeZone(timezone)) {
    say('timezone', `must be an IANA name such as Europe/Berlin, not ${quoteShort(timezone)}`)
  }
  return { cron, cronPayload, timezone }
}

/** Each wrong field of the expression is a problem of its own and is named in words. */
function checkCron(cron: string, say: Say): void {
  const parsed = parseCron(cron)
  if (parsed.ok) return
  for (const { field, reason } of parsed.problems) {
    say('cron', field === 'expression' ? reason : `${field.replaceAll('_', ' ')} ${reason}`)
  }
}
