import type { DeleteJobGroupRequest } from '@strait/contracts/catalog/v1/job_group_service_pb'
import { refuseFields } from '@strait/service-kit/refusal'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import { etagProblems } from '../../domain/check-mask.ts'
import { isOther } from '../../domain/decide-change.ts'
import { deleteJobGroupIfUnchanged } from '../../store/groups/delete-job-group.ts'
import { jobAudit } from '../jobs/job-audit.ts'
import { refuseEtag } from '../refuse-etag.ts'
import { requireWaiting } from '../require-waiting.ts'
import { jobGroupAudit } from './job-group-audit.ts'
import { writeJobGroup } from './job-group-codec.ts'
import { type JobGroupDeps, requireJobGroup } from './job-group-ref.ts'

/** Deletes a group and takes its jobs out of it. */
export function deleteJobGroup({ db, changed }: JobGroupDeps) {
  return async ({ group: named, etag, validateOnly }: DeleteJobGroupRequest, call: Call) => {
    const { projectId, actor: by } = call.caller
    const problems = etagProblems(etag)
    if (problems.length > 0) throw refuseFields('FIELD_INVALID', problems)
    for (let ref = named; ; ) {
      requireWaiting(call)
      const group = await requireJobGroup(db, projectId, ref)
      // Its slug may be another one at the next turn.
      ref = group.id
      if (isOther(group, etag)) return refuseEtag('job group')
      if (validateOnly) return { jobGroup: writeJobGroup(group) }
      const jobIds = await deleteJobGroupIfUnchanged(db, group, {
        by,
        audit: jobGroupAudit('deleted', by, { before: group }),
        auditJob: (before, after) => jobAudit('updated', by, { before, after }),
      })
      if (jobIds === undefined) continue
      await changed('deleted', group, { by, jobIds })
      return { jobGroup: writeJobGroup(group) }
    }
  }
}
