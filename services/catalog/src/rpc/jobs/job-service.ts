import { JobService } from '@strait/contracts/catalog/v1/job_service_pb'
import { type RpcService, rpcService } from '@strait/service-kit/rpc/rpc-service'
import { batchCreateJobs, batchUpdateJobs } from './batch-jobs.ts'
import { cloneJob } from './clone-job.ts'
import { createJob } from './create-job.ts'
import { deleteJob } from './delete-job.ts'
import { diffJobVersions } from './diff-job-versions.ts'
import { setEnabled } from './enable-job.ts'
import { getJob } from './get-job.ts'
import { getJobVersion } from './get-job-version.ts'
import type { JobDeps } from './job-deps.ts'
import { listJobVersions } from './list-job-versions.ts'
import { listJobs } from './list-jobs.ts'
import { setPaused } from './pause-job.ts'
import { rollbackJob } from './rollback-job.ts'
import { createTurns } from './turns.ts'
import { updateJob } from './update-job.ts'

/** JobService, every method of it. */
export function jobService(given: Omit<JobDeps, 'turns'>): RpcService {
  const deps: JobDeps = { ...given, turns: createTurns() }
  return rpcService(JobService, {
    createJob: createJob(deps),
    getJob: getJob(deps),
    listJobs: listJobs(deps),
    updateJob: updateJob(deps),
    deleteJob: deleteJob(deps),
    enableJob: setEnabled(deps, true),
    disableJob: setEnabled(deps, false),
    pauseJob: setPaused(deps, true),
    resumeJob: setPaused(deps, false),
    cloneJob: cloneJob(deps),
    listJobVersions: listJobVersions(deps),
    getJobVersion: getJobVersion(deps),
    diffJobVersions: diffJobVersions(deps),
    rollbackJob: rollbackJob(deps),
    batchCreateJobs: batchCreateJobs(deps),
    batchUpdateJobs: batchUpdateJobs(deps),
  })
}
