// Why a job takes no run, as its caller is told.

import { Refusal } from '@strait/service-kit/refusal'
import type { NotTaken } from '../domain/may-create.ts'

/** The refusal of a trigger that names no job. */
export function noSuchJob(): Refusal {
  return new Refusal('JOB_NOT_FOUND', 'there is no such job in this project', {
    violations: [{ field: 'job', description: 'names no job of this project' }],
  })
}

/** The refusal of a trigger that wants a newer version than there is. */
export function versionNotReached(version: number, minVersion: number): Refusal {
  return new Refusal('VERSION_NOT_REACHED', `the job is in version ${version}, older than ${minVersion}`, {
    metadata: { version: String(version) },
  })
}

/** The refusal of a trigger of a job that takes no runs. */
export function jobTakesNoRun(why: NotTaken): Refusal {
  if (why.reason === 'JOB_DISABLED') return new Refusal('JOB_DISABLED', why.message)
  return new Refusal('NOT_YET_SUPPORTED', 'the job has settings that do not act yet', {
    violations: why.fields.map((field) => ({
      field: `job.${field}`,
      description: 'does not act yet: runs of the job would not be what it says',
    })),
  })
}
