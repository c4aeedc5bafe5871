// EnableJob and DisableJob: an update of one field. Nothing else is checked again: a job must be stopped whatever has become of
// what it refers to.

import type { Call } from '@strait/service-kit/rpc/rpc-service'
import { changeJob, keeping } from './change-job.ts'
import { type JobDeps, tellStored } from './job-deps.ts'

/** Which job, and whether what would come of it is only asked. */
interface Question {
  readonly job: string
  readonly validateOnly: boolean
}

/** Sets `enabled` of a job. */
export function setEnabled(deps: JobDeps, enabled: boolean) {
  return async ({ job, validateOnly }: Question, call: Call) => {
    const changed = await changeJob(deps, call, {
      job,
      validateOnly,
      change: enabled ? 'enabled' : 'disabled',
      next: async ({ config }) => keeping({ ...config, enabled, backwardsCompatible: false }),
    })
    await tellStored(deps, [changed.stored], call.caller.actor)
    return { job: changed.job }
  }
}
