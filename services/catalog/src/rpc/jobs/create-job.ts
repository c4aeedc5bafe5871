// CreateJob: check everything, store it, tell the followers.

import type { Job } from '@strait/contracts/catalog/v1/job_pb'
import type { CreateJobRequest } from '@strait/contracts/catalog/v1/job_service_pb'
import { refuseFields } from '@strait/service-kit/refusal'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import { checkJobInput } from './check-job-input.ts'
import { readJob } from './job-codec.ts'
import { type JobDeps, tellStored } from './job-deps.ts'
import { type Outcome, storeNewJob } from './store-new-job.ts'

/** Stores a new job in the caller's project. */
export function createJob(deps: JobDeps) {
  return async ({ job, validateOnly }: CreateJobRequest, call: Call) => {
    if (job === undefined) throw refuseFields('FIELD_INVALID', [{ field: 'job', description: 'is required' }])
    const created = await createOneJob(deps, job, validateOnly, call)
    await tellStored(deps, [created.stored], call.caller.actor)
    return { job: created.job }
  }
}

/** The same without telling anybody, for a batch, which tells of all at once. */
export async function createOneJob(
  deps: JobDeps,
  job: Job,
  validateOnly: boolean,
  call: Call,
): Promise<Outcome> {
  const checked = await checkJobInput(deps, call.caller.projectId, readJob(job))
  if (!checked.ok) throw refuseFields(checked.reason, checked.problems)
  return storeNewJob(deps, checked.job, call, {
    change: 'created',
    validateOnly,
    slugField: 'job.slug',
    belongingFields: { group: 'job.group_id', environment: 'job.environment_id' },
  })
}
