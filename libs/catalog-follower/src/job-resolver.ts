// Jobs by name, and whether they are held: from memory where it knows, else from the catalog.
//
// That a job is not there is never kept: it may be created the next moment, on another replica. Questions for one name that meet are one.

import type { JobHead } from '@strait/contracts/catalog/v1/catalog_internal_service_pb'
import type { ResolveOptions } from './catalog-follower.ts'
import type { Follow } from './follow.ts'
import type { HeadMemory } from './head-memory.ts'

export interface JobResolverOptions extends Pick<Follow, 'look' | 'find'> {
  readonly memory: Pick<HeadMemory, 'get' | 'findJob'>
}

const askAgainMs = 1_000

/** Makes the look-up. */
export function createJobResolver({ memory, look, find }: JobResolverOptions) {
  let askedLately = new Set<string>()
  let lately = 0

  /** What is not known is held until it is, and asked for: once a second, however often somebody looks. */
  function heldUntilKnown(id: string): true {
    const now = performance.now()
    if (now - lately >= askAgainMs) {
      askedLately = new Set()
      lately = now
    }
    if (askedLately.has(id)) return true
    askedLately.add(id)
    // One that fails is asked again in a second; the loop that follows the catalog says that it cannot be reached.
    look(id).catch(() => undefined)
    return true
  }

  return {
    async resolve(
      projectId: string,
      idOrSlug: string,
      { minVersion = 0 }: ResolveOptions = {},
    ): Promise<JobHead | undefined> {
      const known = memory.findJob(projectId, idOrSlug)
      if (known !== undefined && known.version >= minVersion) return known
      await find({ projectId, job: idOrSlug })
      return memory.findJob(projectId, idOrSlug)
    },
    isHeld(jobId: string): boolean {
      const job = memory.get('job', jobId)
      if (job === undefined) return heldUntilKnown(jobId)
      const project = memory.get('project', job.projectId)
      if (project === undefined) return heldUntilKnown(job.projectId)
      if (!job.enabled || job.paused || project.paused) return true
      if (job.groupId === '') return false
      const group = memory.get('job_group', job.groupId)
      if (group === undefined) return heldUntilKnown(job.groupId)
      return group.paused && !group.deleted
    },
  }
}
