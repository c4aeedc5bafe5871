// PauseJobGroup and ResumeJobGroup. What is so already is answered as it is, and nothing is written.

import { Refusal } from '@strait/service-kit/refusal'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import { setJobGroupPaused } from '../../store/groups/change-job-group.ts'
import { jobGroupAudit } from './job-group-audit.ts'
import { writeJobGroup } from './job-group-codec.ts'
import { type JobGroupDeps, requireJobGroup } from './job-group-ref.ts'

/** Lets the runs of a group's jobs be created and wait (`paused`), or ends that. */
export function pauseJobGroup({ db, changed }: JobGroupDeps, paused: boolean) {
  const change = paused ? 'paused' : 'resumed'
  return async (request: { readonly group: string }, { caller: { projectId, actor: by } }: Call) => {
    const { id } = await requireJobGroup(db, projectId, request.group)
    const done = await setJobGroupPaused(db, id, paused, {
      by,
      audit: (before, after) => jobGroupAudit(change, by, { before, after }),
    })
    if (done === undefined) throw new Refusal('JOB_GROUP_NOT_FOUND', 'the job group was deleted meanwhile')
    if (done.changed) await changed(change, done.group, { by })
    return { jobGroup: writeJobGroup(done.group) }
  }
}
