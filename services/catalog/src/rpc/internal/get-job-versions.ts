import type { GetJobVersionsRequest } from '@strait/contracts/catalog/v1/catalog_internal_service_pb'
import { findJobVersions } from '../../store/jobs/find-job-versions.ts'
import { writeJob } from '../jobs/job-codec.ts'
import { batchOf, type InternalDeps } from './batch.ts'

/** Gives frozen versions of jobs. */
export function getJobVersions({ db, events }: InternalDeps) {
  return async (request: GetJobVersionsRequest) => {
    const refs = batchOf('refs', request.refs)
    events.asked('get_job_versions', refs.length)
    const versions = await findJobVersions(db, refs)
    return { versions: versions.map((job) => (job === undefined ? {} : { job: writeJob(job) })) }
  }
}
