// Whether a new job may be stored as it was given: every problem is found at once, so that its creator mends them at
// once. Pure: what may be called is an argument, and whether a slug is free is for the database to decide.

import { slugFromName } from '@strait/domain/slug'
import { checkCall, type TargetProblem } from './check-call.ts'
import { checkNaming } from './check-naming.ts'
import { checkSchedule } from './check-schedule.ts'
import { configDefaults, type JobConfig } from './job.ts'
import type { JobInput, Problem } from './job-input.ts'

/** A job that may be stored, but for its slug, which may be taken. */
export interface NewJob {
  /** With the slug that was asked for, or the one that its name makes. */
  readonly config: JobConfig
  /** A slug that was asked for is given or refused; one made from the name may be numbered. */
  readonly slugIsChosen: boolean
  readonly webhookSecret: string | undefined
}

/** What came of the check. */
export type CheckedJob =
  | { readonly ok: true; readonly job: NewJob }
  | {
      readonly ok: false
      readonly reason: 'FIELD_INVALID'
      readonly problems: readonly Problem[]
    }

/** What the check needs to know besides the job. */
export interface CheckContext {
  /** The caller's project. */
  readonly projectId: string
  readonly targetProblem: TargetProblem
}

const slugOfUnreadableNames = 'job'

/** Checks a new job and fills in its defaults, or names everything that is wrong with it. */
export function checkJob(input: JobInput, { projectId, targetProblem }: CheckContext): CheckedJob {
  const invalid: Problem[] = []
  const say = (field: string, description: string) => invalid.push({ field: `job.${field}`, description })

  const { slug, ...naming } = checkNaming(input, say)
  const schedule = checkSchedule(input, say)
  const call = checkCall(input, targetProblem, say)
  if (input.projectId !== undefined && input.projectId !== projectId) {
    say('project_id', 'is another project than the one of the key; leave it out')
  }

  if (invalid.length > 0) return { ok: false, reason: 'FIELD_INVALID', problems: invalid }
  const made = slug ?? slugFromName(naming.name, slugOfUnreadableNames)
  const config: JobConfig = {
    ...configDefaults,
    ...otherFields(input),
    ...naming,
    slug: made,
    ...schedule,
    ...call,
  }
  return { ok: true, job: { config, slugIsChosen: slug !== undefined, webhookSecret: input.webhookSecret } }
}

/** The fields for which there is no rule here: as they were given. */
function otherFields({ projectId: _, webhookSecret: __, ...fields }: JobInput): Partial<JobConfig> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
