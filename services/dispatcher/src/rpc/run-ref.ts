import { isUuid } from '@strait/domain/ids'
import { Refusal, refuseFields } from '@strait/service-kit/refusal'
import type { Db } from '../store/db.ts'
import { findRun } from '../store/find-run.ts'

/** The run that a request names, with its attempts; refused where the caller's project has no such run. */
export async function requireRun(db: Db, projectId: string, runId: string) {
  if (runId === '')
    throw refuseFields('FIELD_INVALID', [{ field: 'run', description: 'is required: the id of a run' }])
  const found = isUuid(runId) ? await findRun(db, projectId, runId.toLowerCase()) : undefined
  if (found === undefined) {
    throw new Refusal('RUN_NOT_FOUND', 'there is no such run in this project', {
      violations: [{ field: 'run', description: 'names no run of this project' }],
    })
  }
  return found
}
