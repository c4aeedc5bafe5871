// UpdateJobGroup: read, decide, and write what was decided on. Where another change came between, everything is decided again.

import type { UpdateJobGroupRequest } from '@strait/contracts/catalog/v1/job_group_service_pb'
import { refuseFields } from '@strait/service-kit/refusal'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import { etagProblems } from '../../domain/check-mask.ts'
import { wantedSlug } from '../../domain/check-name-and-slug.ts'
import { changeOf, isOther } from '../../domain/decide-change.ts'
import {
  checkJobGroupPatch,
  type JobGroupPatch,
  slugOfUnreadableGroups,
} from '../../domain/groups/check-job-group.ts'
import type { JobGroup } from '../../domain/groups/job-group.ts'
import { updateJobGroupIfUnchanged } from '../../store/groups/change-job-group.ts'
import { refuseEtag } from '../refuse-etag.ts'
import { requireWaiting } from '../require-waiting.ts'
import { previewSlug, slugTaken } from '../under-free-slug.ts'
import { jobGroupAudit } from './job-group-audit.ts'
import { jobGroupFields, readJobGroup, writeJobGroup } from './job-group-codec.ts'
import { type JobGroupDeps, placeOfSlug, requireJobGroup } from './job-group-ref.ts'

/** Changes a group's name, slug or description. */
export function updateJobGroup({ db, changed }: JobGroupDeps) {
  return async (request: UpdateJobGroupRequest, call: Call) => {
    const { projectId, actor: by } = call.caller
    const patch = readPatch(request, projectId)
    const place = placeOfSlug(db, projectId, 'patch')
    for (let ref = request.group; ; ) {
      requireWaiting(call)
      const before = await requireJobGroup(db, projectId, ref)
      // Its slug may be another one at the next turn.
      ref = before.id
      if (isOther(before, request.etag)) return refuseEtag('job group')
      const wanted = changeOf(before, await valuesOf(patch, before))
      if (wanted === undefined) return { jobGroup: writeJobGroup(before) }
      if (request.validateOnly) return { jobGroup: writeJobGroup(wanted) }
      const after = await updateJobGroupIfUnchanged(db, before, wanted, {
        by,
        audit: (was, is) => jobGroupAudit('updated', by, { before: was, after: is }),
      })
      if (after === 'slug_taken' && patch.slug?.chosen !== undefined)
        throw slugTaken(place, patch.slug.chosen)
      if (after === undefined || after === 'slug_taken') continue
      await changed('updated', after, { by })
      return { jobGroup: writeJobGroup(after) }
    }

    async function valuesOf(
      { slug, ...values }: JobGroupPatch,
      before: JobGroup,
    ): Promise<Partial<JobGroup>> {
      if (slug === undefined) return values
      const wanted = wantedSlug(slug.chosen, values.name ?? before.name, slugOfUnreadableGroups)
      return { ...values, slug: await previewSlug({ ...place, own: before.id }, wanted) }
    }
  }
}

function readPatch({ patch, updateMask, etag }: UpdateJobGroupRequest, projectId: string): JobGroupPatch {
  const input = { patch: patch && readJobGroup(patch), mask: updateMask?.paths }
  const checked = checkJobGroupPatch(input, projectId, jobGroupFields)
  const problems = [...(checked.ok ? [] : checked.problems), ...etagProblems(etag)]
  if (!checked.ok || problems.length > 0) throw refuseFields('FIELD_INVALID', problems)
  return checked.value
}
