// PauseProject and ResumeProject. What is so already is answered as it is, and nothing is written.

import type { Call } from '@strait/service-kit/rpc/rpc-service'
import { setProjectPaused } from '../../store/projects/change-project.ts'
import { writeProject } from './project-codec.ts'
import { type ProjectDeps, requireProject } from './project-ref.ts'

/** Lets the runs of a project's jobs be created and wait (`paused`), or ends that. */
export function pauseProject({ db, changed }: Pick<ProjectDeps, 'db' | 'changed'>, paused: boolean) {
  return async (request: { readonly project: string }, { caller }: Call) => {
    const { id } = await requireProject(db, caller, request.project)
    const done = await setProjectPaused(db, id, paused, caller.actor)
    if (done.changed) await changed(paused ? 'paused' : 'resumed', done.project, caller.actor)
    return { project: writeProject(done.project) }
  }
}
