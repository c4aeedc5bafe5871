import type { UpdateEnvironmentRequest } from '@strait/contracts/catalog/v1/environment_service_pb'
import { refuseFields } from '@strait/service-kit/refusal'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import { etagProblems } from '../../domain/check-mask.ts'
import { checkEnvironmentPatch } from '../../domain/environments/check-environment.ts'
import { changeEnvironment } from './change-environment.ts'
import { environmentFields, readEnvironment } from './environment-codec.ts'
import type { EnvironmentDeps } from './environment-ref.ts'

/** Changes the fields that the mask names. */
export function updateEnvironment(deps: EnvironmentDeps) {
  return async (request: UpdateEnvironmentRequest, call: Call) => {
    const { environment, patch, updateMask, etag, validateOnly } = request
    const { projectId } = call.caller
    const context = { projectId, targetProblem: await deps.targetProblemOf(projectId) }
    const input = patch && readEnvironment(patch)
    const checked = checkEnvironmentPatch(input, updateMask?.paths, environmentFields, context)
    const problems = [...(checked.ok ? [] : checked.problems), ...etagProblems(etag)]
    if (!checked.ok || problems.length > 0) throw refuseFields('FIELD_INVALID', problems)
    const question = { environment, etag, validateOnly, patchOf: () => checked.patch }
    return { environment: await changeEnvironment(deps, question, call) }
  }
}
