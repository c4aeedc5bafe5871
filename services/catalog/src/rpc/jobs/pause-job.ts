import type { Call } from '@strait/service-kit/rpc/rpc-service'
import { setPaused as set } from '../../store/jobs/pause-job.ts'
import { jobAudit } from './job-audit.ts'
import { writeJob } from './job-codec.ts'
import { type JobDeps, tellStored } from './job-deps.ts'
import { requireJob } from './job-ref.ts'

/** Which job, and whether what would come of it is only asked. */
interface Question {
  readonly job: string
  readonly validateOnly: boolean
}

/** PauseJob and ResumeJob. Whoever comes second finds it done: that changes nothing and is answered the same. */
export function setPaused(deps: JobDeps, paused: boolean) {
  const change = paused ? 'paused' : 'resumed'
  return async ({ job, validateOnly }: Question, { caller: { projectId, actor } }: Call) => {
    const { db } = deps
    const there = await requireJob(db, projectId, job)
    if (validateOnly) {
      const pausedAt = paused ? (there.pausedAt ?? new Date()) : undefined
      return { job: writeJob({ ...there, pausedAt }) }
    }
    const changed = await set(db, there, paused, (before, after) =>
      jobAudit(change, actor, { before, after }),
    )
    if (changed === undefined) return { job: writeJob(await requireJob(db, projectId, there.id)) }
    await tellStored(deps, [{ change, job: changed }], actor)
    return { job: writeJob(changed) }
  }
}
