// DeleteJob: close the job so that no run can be made any more, count the unfinished ones, then delete it or open it again.
//
// With `force` nothing is counted: whatever is unfinished when the deletion is heard of is canceled. Where the dispatcher cannot be
// asked the job goes on. A process that dies in between leaves it closed for a minute at most. When somebody else was first, by a
// change of the job or by a deletion, it is all done again on what that one left.

import type { DeleteJobRequest } from '@strait/contracts/catalog/v1/job_service_pb'
import { Refusal, refuseFields } from '@strait/service-kit/refusal'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import { etagProblems } from '../../domain/check-mask.ts'
import type { JobRecord } from '../../domain/jobs/job.ts'
import { closeJob, deleteJobIfClosed, type JobToDelete, reopenJob } from '../../store/jobs/close-job.ts'
import { requireWaiting } from '../require-waiting.ts'
import { jobAudit } from './job-audit.ts'
import { writeJob } from './job-codec.ts'
import { type JobDeps, tellStored } from './job-deps.ts'
import { requireEtag, requireJob, requireJobRef } from './job-ref.ts'

/** Deletes a job of the caller's project. */
export function deleteJob(deps: JobDeps) {
  return async (request: DeleteJobRequest, call: Call) => {
    requireJobRef(request.job)
    const problems = etagProblems(request.etag)
    if (problems.length > 0) throw refuseFields('FIELD_INVALID', problems)
    const { projectId, actor } = call.caller
    let before = await requireJob(deps.db, projectId, request.job)
    for (;;) {
      requireWaiting(call)
      requireEtag(before, request.etag)
      if (request.validateOnly) {
        if (!request.force) await requireNoUnfinishedRuns(deps, before.id, call)
        return { job: writeJob(before) }
      }
      const deleted = await deleteOnce(deps, before, request, call)
      if (deleted !== undefined) {
        await tellStored(deps, [{ change: 'deleted', job: deleted }], actor)
        return { job: writeJob(deleted) }
      }
      before = await requireJob(deps.db, projectId, before.id)
    }
  }
}

/** Undefined where the job is no longer as it was found. */
async function deleteOnce(
  deps: JobDeps,
  { id, projectId, version }: JobRecord,
  { etag, force }: DeleteJobRequest,
  call: Call,
): Promise<JobRecord | undefined> {
  const job: JobToDelete = { id, projectId, version: etag === undefined ? undefined : version }
  const audit = (before: JobRecord) => jobAudit('deleted', call.caller.actor, { before })
  if (force) return deleteJobIfClosed(deps.db, job, { mark: undefined, cancelRuns: true, audit })

  const mark = await closeJob(deps.db, job)
  if (mark === undefined) return undefined
  let deleted: JobRecord | undefined
  try {
    await deps.announce('job', [id])
    await requireNoUnfinishedRuns(deps, id, call)
    requireWaiting(call)
    deleted = await deleteJobIfClosed(deps.db, job, { mark, cancelRuns: false, audit })
    return deleted
  } finally {
    if (deleted === undefined) {
      await reopenJob(deps.db, job, mark)
      await deps.announce('job', [id])
    }
  }
}

async function requireNoUnfinishedRuns({ countUnfinishedRuns }: JobDeps, id: string, { signal }: Call) {
  const unfinished = await countUnfinishedRuns(id, signal)
  if (unfinished === 0) return
  const runs = unfinished === 1 ? '1 unfinished run' : `${unfinished} unfinished runs`
  throw new Refusal(
    'JOB_HAS_UNFINISHED_RUNS',
    `the job has ${runs}: wait for them, or cancel them with force`,
    {
      metadata: { unfinished_runs: String(unfinished) },
    },
  )
}
