// Everything that is looked up before a job's fields can be judged: what they refer to, and whether the payload's schema is one.
// The judging itself is pure.

import type { SchemaChecker } from '@strait/payload-schema/schema-checker'
import { Refusal } from '@strait/service-kit/refusal'
import type { TargetProblem } from '../../domain/jobs/check-call.ts'
import type { CheckedJob } from '../../domain/jobs/check-job.ts'
import { checkJob } from '../../domain/jobs/check-job.ts'
import type { JobInput, Problem } from '../../domain/jobs/job-input.ts'
import { schemaProblems, schemaQuestion } from '../../domain/jobs/schema-problems.ts'
import type { CatalogDb } from '../../store/database.ts'
import { findJobRefs } from '../../store/jobs/find-job-refs.ts'

/** What checking a job needs. */
export interface CheckJobDeps {
  readonly db: CatalogDb
  /** What a project's jobs may call, as the project is now. */
  readonly targetProblemOf: (projectId: string) => Promise<TargetProblem>
  readonly schemas: SchemaChecker
}

/**
 * Checks a whole job as it shall be saved: a new one, or one with a change laid over it. Every save of a job goes through here.
 * Fields are named as those of the request's `job`, or of its `patch`.
 */
export async function checkJobInput(
  { db, targetProblemOf, schemas }: CheckJobDeps,
  projectId: string,
  input: JobInput,
  prefix: 'job' | 'patch' = 'job',
): Promise<CheckedJob> {
  const [known, targetProblem] = await Promise.all([
    findJobRefs(db, projectId, input),
    targetProblemOf(projectId),
  ])
  const checked = checkJob(input, { projectId, targetProblem, known, now: new Date(), prefix })
  const problems = checked.ok ? [] : checked.problems
  const more = await judgeSchema(schemas, input, problems, prefix)
  if (more.length === 0) return checked
  return { ok: false, reason: 'FIELD_INVALID', problems: [...problems, ...more] }
}

async function judgeSchema(
  schemas: SchemaChecker,
  input: JobInput,
  faulty: readonly Problem[],
  prefix: 'job' | 'patch',
): Promise<readonly Problem[]> {
  const question = schemaQuestion(input, faulty)
  if (question === undefined) return []
  const check = await schemas.check(question)
  if (!check.ok && check.reason === 'BUSY') {
    const retryAfterMs = 1_000
    throw new Refusal('OVERLOADED', 'too many schemas are being checked right now, try again', {
      retryAfterMs,
    })
  }
  return schemaProblems(check, prefix)
}
