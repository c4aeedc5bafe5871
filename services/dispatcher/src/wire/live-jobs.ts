// Jobs as the dispatcher acts on them, over what is followed of the catalog: the newest version for triggers, frozen versions for starts, and
// what holds or cancels runs, read from memory without asking anybody.

import type { CatalogFollower } from '@strait/catalog-follower/catalog-follower'
import type { JobConfig, LiveJob } from '../domain/job-config.ts'
import { toJobConfig } from './job-codec.ts'

/** Where jobs are looked up. */
export interface LiveJobs {
  /** A project's job by id or slug, in its newest version, at least as new as asked for when the catalog has it so; undefined where there is none. */
  resolve(projectId: string, job: string, minVersion?: number): Promise<LiveJob | undefined>
  /** One version of a job; undefined where there is none. */
  version(jobId: string, version: number): Promise<JobConfig | undefined>
  /** The same without asking anybody. */
  knownVersion(jobId: string, version: number): JobConfig | undefined
  /** Whether none of a job's runs may start now. Reads memory, so that it can be asked at every start. */
  isHeld(jobId: string): boolean
  /** Whether a job is deleted and its unfinished runs end with it. */
  isCanceled(jobId: string): boolean
}

/** The part of the follower that this is made over. */
export type FollowedJobs = Pick<CatalogFollower, 'jobs' | 'head' | 'isHeld' | 'version' | 'knownVersion'>

/** Jobs over a follower of the catalog. */
export function createLiveJobs(follower: FollowedJobs): LiveJobs {
  async function version(jobId: string, number: number): Promise<JobConfig | undefined> {
    const job = await follower.version(jobId, number)
    return job === undefined ? undefined : toJobConfig(job)
  }

  function isCanceled(jobId: string): boolean {
    const head = follower.head('job', jobId)
    // A run that slipped in while its job was deleted goes on by itself. Only, nobody can enable or resume a job that is gone.
    return head?.deleted === true && (head.cancelRuns || !head.enabled || head.paused)
  }

  return {
    version,
    isCanceled,
    isHeld: (jobId) => follower.isHeld(jobId) || isCanceled(jobId),
    knownVersion(jobId, number) {
      const job = follower.knownVersion(jobId, number)
      return job === undefined ? undefined : toJobConfig(job)
    },
    async resolve(projectId, job, minVersion = 0) {
      const head = await follower.jobs.resolve(projectId, job, { minVersion })
      if (head === undefined) return undefined
      const config = await version(head.id, head.version)
      // As it is now, and not as it was when the version was asked for: what is decided on this is stored at once.
      const { enabled, closing, deleted } = follower.head('job', head.id) ?? head
      return config && !deleted ? { config, enabled, closing } : undefined
    },
  }
}
