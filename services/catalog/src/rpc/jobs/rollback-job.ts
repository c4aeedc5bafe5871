// RollbackJob: a new version with the configuration of an earlier one. What is not the configuration's to say stays as it is: the
// secret with its revision, whether the job is enabled, and the slug by which others know it. The whole is checked as of today.

import type { RollbackJobRequest } from '@strait/contracts/catalog/v1/job_service_pb'
import { refuseFields } from '@strait/service-kit/refusal'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import { etagProblems } from '../../domain/check-mask.ts'
import type { JobRecord } from '../../domain/jobs/job.ts'
import { asInput } from '../../domain/jobs/job-input.ts'
import { changeJob, keeping, type NextJob } from './change-job.ts'
import { checkJobInput } from './check-job-input.ts'
import { type JobDeps, tellStored } from './job-deps.ts'
import { problemsOf, requireJobRef, requireVersion } from './job-ref.ts'

/** Goes back to an earlier configuration of a job. */
export function rollbackJob(deps: JobDeps) {
  return async ({ job, version, etag, validateOnly }: RollbackJobRequest, call: Call) => {
    requireJobRef(job)
    const problems = etagProblems(etag)
    if (problems.length > 0) throw refuseFields('FIELD_INVALID', problems)
    const next = (before: JobRecord) => goBack(deps, before, version)
    const rolledBack = await changeJob(deps, call, { job, change: 'rolled_back', etag, validateOnly, next })
    await tellStored(deps, [rolledBack.stored], call.caller.actor)
    return { job: rolledBack.job }
  }
}

async function goBack(
  deps: JobDeps,
  { id, projectId, config: now }: JobRecord,
  version: string,
): Promise<NextJob> {
  const { config: then } = await requireVersion(deps.db, id, version, 'version')
  const { slug, enabled } = now
  const checked = await checkJobInput(deps, projectId, asInput({ ...then, slug, enabled }))
  if (!checked.ok) throw refuseFields(checked.reason, problemsOf('version', checked.problems))
  return keeping(checked.job.config)
}
