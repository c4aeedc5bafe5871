// Whether a new job may be stored as it was given: every problem is found at once, so that its creator mends them at
// once. Pure: what may be called and what is there are arguments, and whether a slug is free is for the database to decide.
// The payload's schema is judged beside it (see schema-problems.ts), in a thread that can be ended.

import { slugFromName } from '@strait/domain/slug'
import { checkProjectId } from '../check-project-id.ts'
import { checkCall, type TargetProblem } from './check-call.ts'
import { checkLimits } from './check-limits.ts'
import { checkNaming } from './check-naming.ts'
import { checkRefs, type KnownRefs } from './check-refs.ts'
import { checkRuns } from './check-runs.ts'
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
  readonly known: KnownRefs
  /** When it is saved: a window must open within five years of it. */
  readonly now: Date
  /** The field of the request that the job is in, by which its own fields are named. Default: job. */
  readonly prefix?: 'job' | 'patch' | undefined
}

const slugOfUnreadableNames = 'job'

/** Checks a new job and fills in its defaults, or names everything that is wrong with it. */
export function checkJob(input: JobInput, context: CheckContext): CheckedJob {
  const { projectId, targetProblem, known, now, prefix = 'job' } = context
  const invalid: Problem[] = []
  const say = (field: string, description: string) =>
    invalid.push({ field: `${prefix}.${field}`, description })

  const { slug, ...naming } = checkNaming(input, say)
  const fields = {
    ...naming,
    ...checkRefs(input, known, say),
    ...checkSchedule(input, now, say),
    payloadSchema: input.payloadSchema,
    ...checkCall(input, targetProblem, say),
    ...checkLimits(input, say),
    ...checkRuns(input, say),
  }
  checkProjectId(input.projectId, projectId, say)

  if (invalid.length > 0) return { ok: false, reason: 'FIELD_INVALID', problems: invalid }
  const made = slug ?? slugFromName(fields.name, slugOfUnreadableNames)
  const config = { ...configDefaults, ...fields, slug: made }
  return { ok: true, job: { config, slugIsChosen: slug !== undefined, webhookSecret: input.webhookSecret } }
}
