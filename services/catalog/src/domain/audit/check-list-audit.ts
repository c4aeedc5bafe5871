// What somebody asks to see of the audit log: filters that all must hold, and the time between two instants.

import type { Problem } from '../jobs/job-input.ts'
import { type GivenInstant, readInstant } from '../keys/check-instant.ts'
import { textProblem } from '../text-rules.ts'

/** The filters as they came. */
export interface AuditFilterInput {
  readonly actor?: string | undefined
  readonly action?: string | undefined
  readonly resourceType?: string | undefined
  readonly resourceId?: string | undefined
  readonly from?: GivenInstant | undefined
  readonly until?: GivenInstant | undefined
}

/** The filters once they are read; what is undefined lets everything pass. */
export interface AuditFilter {
  readonly actor: string | undefined
  readonly action: string | undefined
  readonly resourceType: string | undefined
  readonly resourceId: string | undefined
  readonly from: Date | undefined
  readonly until: Date | undefined
}

const nanosPerMs = 1_000_000
const maxCharacters = 255

/** Reads the filters, and notes what is wrong with them. */
export function readAuditFilter(input: AuditFilterInput, problems: Problem[]): AuditFilter {
  const text = (field: string, value: string | undefined) => {
    const description = value === undefined ? undefined : textProblem(value, 1, maxCharacters)
    if (description !== undefined) problems.push({ field, description })
    return value
  }
  const instant = (field: string, value: GivenInstant | undefined) => {
    const read = value === undefined ? undefined : readInstantUp(value)
    if (typeof read !== 'string') return read
    problems.push({ field, description: read })
    return undefined
  }
  const filter = {
    actor: text('actor', input.actor),
    action: text('action', input.action),
    resourceType: text('resource_type', input.resourceType),
    resourceId: text('resource_id', input.resourceId),
    from: instant('from', input.from),
    until: instant('until', input.until),
  }
  if (filter.from !== undefined && filter.until !== undefined && filter.until < filter.from)
    problems.push({ field: 'until', description: 'must not be before from' })
  return filter
}

/**
 * An instant as a bound for times in whole milliseconds: an entry from the millisecond that an instant lies in is from before the
 * instant, unless it is the very beginning of it.
 */
function readInstantUp(given: GivenInstant): Date | string {
  const cut = readInstant(given)
  if (typeof cut === 'string' || given.nanos % nanosPerMs === 0) return cut
  return new Date(cut.getTime() + 1)
}
