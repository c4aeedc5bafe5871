import type { GetJobRequest } from '@strait/contracts/catalog/v1/job_service_pb'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import { writeJob } from './job-codec.ts'
import type { JobDeps } from './job-deps.ts'
import { requireJob } from './job-ref.ts'

/** Answers a job of the caller's project by its id or slug. */
export function getJob({ db }: Pick<JobDeps, 'db'>) {
  return async ({ job }: GetJobRequest, { caller }: Call) => ({
    job: writeJob(await requireJob(db, caller.projectId, job)),
  })
}
