import type { CreateJobGroupRequest } from '@strait/contracts/catalog/v1/job_group_service_pb'
import { type GroupId, newUuidv7 } from '@strait/domain/ids'
import { refuseFields } from '@strait/service-kit/refusal'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import { checkNewJobGroup } from '../../domain/groups/check-job-group.ts'
import { insertJobGroupIfSlugIsFree } from '../../store/groups/insert-job-group.ts'
import { previewSlug, underFreeSlug } from '../under-free-slug.ts'
import { jobGroupAudit } from './job-group-audit.ts'
import { readJobGroup, writeJobGroup, writeUnstoredJobGroup } from './job-group-codec.ts'
import { type JobGroupDeps, placeOfSlug } from './job-group-ref.ts'

/** Stores a new group in the caller's project. */
export function createJobGroup({ db, changed }: JobGroupDeps) {
  return async ({ jobGroup, validateOnly }: CreateJobGroupRequest, { caller, signal }: Call) => {
    const { projectId, actor: by } = caller
    const checked = checkNewJobGroup(jobGroup && readJobGroup(jobGroup), projectId)
    if (!checked.ok) throw refuseFields('FIELD_INVALID', checked.problems)
    const { slug: wanted, ...fields } = checked.value
    const place = placeOfSlug(db, projectId, 'job_group')
    if (validateOnly) {
      const slug = await previewSlug(place, wanted)
      return { jobGroup: writeUnstoredJobGroup({ ...fields, slug }, projectId) }
    }
    const id = newUuidv7<GroupId>()
    const group = await underFreeSlug(place, wanted, signal, (slug) =>
      insertJobGroupIfSlugIsFree(db, { ...fields, slug, id, projectId, createdBy: by }, (after) =>
        jobGroupAudit('created', by, { after }),
      ),
    )
    await changed('created', group, { by })
    return { jobGroup: writeJobGroup(group) }
  }
}
