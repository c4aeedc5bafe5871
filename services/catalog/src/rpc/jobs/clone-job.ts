// CloneJob: a new job like another one, checked as any new job is. It is disabled, so that nothing runs twice before somebody looked
// at it, and it has no secret.

import type { CloneJobRequest } from '@strait/contracts/catalog/v1/job_service_pb'
import { refuseFields } from '@strait/service-kit/refusal'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import { copyName } from '../../domain/jobs/copy-name.ts'
import { asInput } from '../../domain/jobs/job-input.ts'
import { checkJobInput } from './check-job-input.ts'
import { type JobDeps, tellStored } from './job-deps.ts'
import { problemsOf, requireJob } from './job-ref.ts'
import { storeNewJob } from './store-new-job.ts'

/** Makes a job with the configuration of another one. */
export function cloneJob(deps: JobDeps) {
  return async (request: CloneJobRequest, call: Call) => {
    const { projectId, actor } = call.caller
    const { config } = await requireJob(deps.db, projectId, request.job)
    const { name = copyName(config.name), slug, validateOnly } = request
    const copy = { ...asInput(config), name, slug, enabled: false }
    const checked = await checkJobInput(deps, projectId, copy)
    if (!checked.ok) throw refuseFields(checked.reason, problemsOf('job', checked.problems, ['name', 'slug']))
    const cloned = await storeNewJob(deps, checked.job, call, {
      change: 'cloned',
      validateOnly,
      slugField: 'slug',
      belongingFields: { group: 'job', environment: 'job' },
    })
    await tellStored(deps, [cloned.stored], actor)
    return { job: cloned.job }
  }
}
