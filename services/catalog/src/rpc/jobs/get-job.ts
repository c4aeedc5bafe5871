import type { GetJobRequest } from '@strait/contracts/catalog/v1/job_service_pb'
import { Refusal, refuseFields } from '@strait/service-kit/refusal'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import type { CatalogDb } from '../../store/database.ts'
import { findJobs } from '../../store/jobs/find-jobs.ts'
import { writeJob } from './job-codec.ts'

/** Answers a job of the caller's project by its id or slug. */
export function getJob({ db }: { readonly db: CatalogDb }) {
  return async (request: GetJobRequest, { caller }: Call) => {
    if (request.job === '')
      throw refuseFields('FIELD_INVALID', [{ field: 'job', description: 'is required' }])
    const [job] = await findJobs(db, [{ projectId: caller.projectId, job: request.job }])
    if (job === undefined) throw new Refusal('JOB_NOT_FOUND', 'the project has no such job')
    return { job: writeJob(job) }
  }
}
