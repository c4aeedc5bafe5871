// DeleteEnvironment: under the lock of all environments and with the environment's row held against jobs that are saved with it at the
// same moment, so that neither is there a job with a deleted environment, nor a deletion that was refused for a job that never was.

import type { DeleteEnvironmentRequest } from '@strait/contracts/catalog/v1/environment_service_pb'
import { Refusal, refuseFields } from '@strait/service-kit/refusal'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import { etagProblems } from '../../domain/check-mask.ts'
import { etagOf } from '../../domain/etag.ts'
import { recordAudit } from '../../store/audit/record-audit.ts'
import {
  countUseAndHold,
  type EnvironmentUse,
  deleteEnvironment as remove,
} from '../../store/environments/delete-environment.ts'
import { withEnvironmentsLocked } from '../../store/environments/environment-lock.ts'
import { refuseEtag } from '../refuse-etag.ts'
import { requireWaiting } from '../require-waiting.ts'
import { environmentAudit } from './environment-audit.ts'
import { writeEnvironment } from './environment-codec.ts'
import { type EnvironmentDeps, requireEnvironment } from './environment-ref.ts'

/** Deletes an environment that nobody uses. */
export function deleteEnvironment({ db, masterKey, announce, changed }: EnvironmentDeps) {
  return async ({ environment, etag, validateOnly }: DeleteEnvironmentRequest, call: Call) => {
    const { projectId, actor: by } = call.caller
    const problems = etagProblems(etag)
    if (problems.length > 0) throw refuseFields('FIELD_INVALID', problems)
    const before = await withEnvironmentsLocked(db, masterKey, projectId, async (locked) => {
      requireWaiting(call)
      const found = await requireEnvironment(locked.trx, projectId, environment)
      if (etag !== undefined && etag !== etagOf(found)) return refuseEtag('environment')
      const use = await countUseAndHold(locked, found.id)
      if (use.jobs > 0 || use.environments > 0) throw inUse(use)
      if (validateOnly) return found
      await remove(locked, found.id, by)
      await recordAudit(locked.trx, [environmentAudit('deleted', by, { before: found })])
      return found
    })
    if (!validateOnly) {
      changed('deleted', before, by)
      await announce('environment', [before.id])
    }
    return { environment: writeEnvironment(before) }
  }
}

function inUse({ jobs, environments }: EnvironmentUse): Refusal {
  const users = [
    ...(jobs > 0 ? [`${jobs} ${jobs === 1 ? 'job names' : 'jobs name'} it`] : []),
    ...(environments > 0 ? [`${environments} ${environments === 1 ? 'has' : 'have'} it as the parent`] : []),
  ]
  return new Refusal('ENVIRONMENT_IN_USE', `the environment is in use: ${users.join(', ')}`, {
    metadata: { jobs: String(jobs), environments: String(environments) },
  })
}
