import type { GetJobVersionRequest } from '@strait/contracts/catalog/v1/job_service_pb'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import { writeJob } from './job-codec.ts'
import type { JobDeps } from './job-deps.ts'
import { requireJobWithVersions, requireVersion } from './job-ref.ts'

/** Answers a job as one of its versions had it; a deleted job by its id. */
export function getJobVersion({ db }: Pick<JobDeps, 'db'>) {
  return async ({ job, version }: GetJobVersionRequest, { caller: { projectId } }: Call) => {
    const { id } = await requireJobWithVersions(db, projectId, job)
    return { job: writeJob(await requireVersion(db, id, version, 'version')) }
  }
}
