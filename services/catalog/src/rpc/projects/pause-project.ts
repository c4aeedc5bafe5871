// PauseProject and ResumeProject. What is so already is answered as it is, and nothing is written.

import type { Call } from '@strait/service-kit/rpc/rpc-service'
import { setProjectPaused } from '../../store/projects/change-project.ts'
import { projectAudit } from './project-audit.ts'
import { writeProject } from './project-codec.ts'
import { type ProjectDeps, requireProject } from './project-ref.ts'

/** Lets the runs of a project's jobs be created and wait (`paused`), or ends that. */
export function pauseProject({ db, changed }: Pick<ProjectDeps, 'db' | 'changed'>, paused: boolean) {
  const change = paused ? 'paused' : 'resumed'
  return async (request: { readonly project: string }, { caller }: Call) => {
    const { id } = await requireProject(db, caller, request.project)
    const by = caller.actor
    const done = await setProjectPaused(db, id, paused, {
      by,
      audit: (before, after) => projectAudit(change, by, { before, after }),
    })
    if (done.changed) await changed(change, done.project, by)
    return { project: writeProject(done.project) }
  }
}
