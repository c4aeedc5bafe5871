// Everything that is looked up before a job's fields can be judged: what they refer to. The judging itself is pure.

import type { TargetProblem } from '../../domain/jobs/check-call.ts'
import type { CheckedJob } from '../../domain/jobs/check-job.ts'
import { checkJob } from '../../domain/jobs/check-job.ts'
import type { JobInput } from '../../domain/jobs/job-input.ts'
import type { CatalogDb } from '../../store/database.ts'

/** What checking a job needs. */
export interface CheckJobDeps {
  readonly db: CatalogDb
  /** What a project's jobs may call, as the project is now. */
  readonly targetProblemOf: (projectId: string) => Promise<TargetProblem>
}

/** Checks a whole job as it shall be saved: a new one, or one with a change laid over it. Every save of a job goes through here. */
export async function checkJobInput(
  { targetProblemOf }: CheckJobDeps,
  projectId: string,
  input: JobInput,
): Promise<CheckedJob> {
  return checkJob(input, { projectId, targetProblem: await targetProblemOf(projectId) })
}
