import type { ResolveJobsRequest } from '@strait/contracts/catalog/v1/catalog_internal_service_pb'
import { findJobs } from '../../store/jobs/find-jobs.ts'
import { writeJob } from '../jobs/job-codec.ts'
import { batchOf, type InternalDeps } from './batch.ts'

/** Finds jobs by project and id or slug. */
export function resolveJobs({ db, events }: InternalDeps) {
  return async (request: ResolveJobsRequest) => {
    const refs = batchOf('refs', request.refs)
    events.asked('resolve_jobs', refs.length)
    const jobs = await findJobs(db, refs)
    return { jobs: jobs.map((job) => (job === undefined ? {} : { job: writeJob(job) })) }
  }
}
