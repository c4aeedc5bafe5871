// Whether a workflow may be stored as it was given: every problem is found at once, so that its creator mends them at once. Pure: whether a
// slug is free is for the database to decide, and which workflows lie in which is asked beside it (see check-nesting.ts).

import { slugFromName } from '@strait/domain/slug'
import { checkProjectId } from '../check-project-id.ts'
import { checkScheduleFields } from '../check-schedule.ts'
import { checkBounds, gatherProblems } from '../field-rules.ts'
import type { Problem } from '../jobs/job-input.ts'
import { checkNaming } from './check-naming.ts'
import { checkSteps } from './check-steps.ts'
import type { Readings } from './readings.ts'
import { type WorkflowConfig, workflowDefaults } from './workflow.ts'
import type { WorkflowInput } from './workflow-input.ts'

/** A workflow that may be stored, but for its slug, which may be taken. */
export interface CheckedConfig {
  /** With the slug that was asked for, or the one that its name makes. */
  readonly config: WorkflowConfig
  /** A slug that was asked for is given or refused; one made from the name may be numbered. */
  readonly slugIsChosen: boolean
}

/** What came of the check. */
export type CheckedWorkflow =
  | ({ readonly ok: true } & CheckedConfig)
  | { readonly ok: false; readonly problems: readonly Problem[] }

/** What the check needs to know besides the workflow. */
export interface CheckContext {
  /** The caller's project. */
  readonly projectId: string
  readonly readings: Readings
  /** What the request calls the workflow, with a dot: `workflow.` or `patch.`. */
  readonly prefix: string
}

const slugOfUnreadableNames = 'workflow'
const yearSecs = 31_536_000

/** Checks a whole workflow and fills in its defaults, or names everything that is wrong with it. */
export function checkWorkflow(
  input: WorkflowInput,
  { projectId, readings, prefix }: CheckContext,
): CheckedWorkflow {
  const { problems, say } = gatherProblems(prefix)
  const { slug, ...naming } = checkNaming(input, say)
  const {
    timeoutSecs = workflowDefaults.timeoutSecs,
    maxConcurrentRuns = workflowDefaults.maxConcurrentRuns,
    maxParallelSteps = workflowDefaults.maxParallelSteps,
    enabled = workflowDefaults.enabled,
  } = input
  checkBounds(say, 'timeout_secs', timeoutSecs, 1, yearSecs)
  checkBounds(say, 'max_concurrent_runs', maxConcurrentRuns, 0, 10_000)
  checkBounds(say, 'max_parallel_steps', maxParallelSteps, 0, 1_000)
  const schedule = checkScheduleFields(input, say)
  checkProjectId(input.projectId, projectId, say)
  const steps = checkSteps(input.steps ?? [], readings, say)

  if (problems.length > 0) return { ok: false, problems }
  return {
    ok: true,
    slugIsChosen: slug !== undefined,
    config: {
      ...naming,
      slug: slug ?? slugFromName(naming.name, slugOfUnreadableNames),
      steps,
      enabled,
      timeoutSecs,
      maxConcurrentRuns,
      maxParallelSteps,
      ...schedule,
    },
  }
}
