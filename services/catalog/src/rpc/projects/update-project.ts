// UpdateProject: read, decide, and write what was decided on. Where another change came between, everything is decided again.

import type { UpdateProjectRequest } from '@strait/contracts/catalog/v1/project_service_pb'
import { refuseFields } from '@strait/service-kit/refusal'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import { etagProblems } from '../../domain/check-mask.ts'
import { wantedSlug } from '../../domain/check-name-and-slug.ts'
import { changeOf, isOther } from '../../domain/decide-change.ts'
import type { EntryCheck } from '../../domain/projects/check-egress-allow.ts'
import {
  checkProjectPatch,
  type ProjectPatch,
  slugOfUnreadableProjects,
} from '../../domain/projects/check-project.ts'
import type { Project } from '../../domain/projects/project.ts'
import { updateProjectIfUnchanged } from '../../store/projects/change-project.ts'
import { refuseEtag } from '../refuse-etag.ts'
import { requireWaiting } from '../require-waiting.ts'
import { previewSlug, slugTaken } from '../under-free-slug.ts'
import { projectAudit } from './project-audit.ts'
import { projectFields, readProject, writeProject } from './project-codec.ts'
import { type ProjectDeps, placeOfSlug, requireProject } from './project-ref.ts'

/** Changes a project's name, slug or allow-list. */
export function updateProject({ db, checkEntry, changed }: ProjectDeps) {
  return async (request: UpdateProjectRequest, call: Call) => {
    const by = call.caller.actor
    const patch = readPatch(request, checkEntry)
    const place = placeOfSlug(db, 'patch')
    for (let ref = request.project; ; ) {
      requireWaiting(call)
      const before = await requireProject(db, call.caller, ref)
      // Its slug may be another one at the next turn.
      ref = before.id
      if (isOther(before, request.etag)) return refuseEtag('project')
      const wanted = changeOf(before, await valuesOf(patch, before))
      if (wanted === undefined) return { project: writeProject(before) }
      if (request.validateOnly) return { project: writeProject(wanted) }
      const after = await updateProjectIfUnchanged(db, before, wanted, {
        by,
        audit: (was, is) => projectAudit('updated', by, { before: was, after: is }),
      })
      if (after === 'slug_taken' && patch.slug?.chosen !== undefined)
        throw slugTaken(place, patch.slug.chosen)
      if (after === undefined || after === 'slug_taken') continue
      await changed('updated', after, by)
      return { project: writeProject(after) }
    }

    async function valuesOf({ slug, ...values }: ProjectPatch, before: Project): Promise<Partial<Project>> {
      if (slug === undefined) return values
      const wanted = wantedSlug(slug.chosen, values.name ?? before.name, slugOfUnreadableProjects)
      return { ...values, slug: await previewSlug({ ...place, own: before.id }, wanted) }
    }
  }
}

function readPatch({ patch, updateMask, etag }: UpdateProjectRequest, checkEntry: EntryCheck): ProjectPatch {
  const input = { patch: patch && readProject(patch), mask: updateMask?.paths }
  const checked = checkProjectPatch(input, checkEntry, projectFields)
  const problems = [...(checked.ok ? [] : checked.problems), ...etagProblems(etag)]
  if (!checked.ok || problems.length > 0) throw refuseFields('FIELD_INVALID', problems)
  return checked.value
}
