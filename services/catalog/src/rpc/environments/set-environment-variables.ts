import type { SetEnvironmentVariablesRequest } from '@strait/contracts/catalog/v1/environment_service_pb'
import { refuseFields } from '@strait/service-kit/refusal'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import { etagProblems } from '../../domain/check-mask.ts'
import { checkVariablesToSet, setVariables } from '../../domain/environments/set-variables.ts'
import type { OwnVariables } from '../../domain/environments/variables.ts'
import { changeEnvironment } from './change-environment.ts'
import { readVariables } from './environment-codec.ts'
import type { EnvironmentDeps } from './environment-ref.ts'

/** Sets and removes single variables: of changes side by side none is lost. */
export function setEnvironmentVariables(deps: EnvironmentDeps) {
  return async (request: SetEnvironmentVariablesRequest, call: Call) => {
    const { environment, job, set, remove, etag, validateOnly } = request
    const wanted = { jobSlug: job, set: readVariables(set), remove }
    const targetProblem = await deps.targetProblemOf(call.caller.projectId)
    const problems = [...checkVariablesToSet(wanted, targetProblem), ...etagProblems(etag)]
    if (problems.length > 0) throw refuseFields('FIELD_INVALID', problems)
    const patchOf = (own: OwnVariables) => {
      const outcome = setVariables(own, wanted)
      if (outcome.problems.length > 0) throw refuseFields('FIELD_INVALID', outcome.problems)
      return outcome.patch
    }
    return {
      environment: await changeEnvironment(deps, { environment, etag, validateOnly, patchOf }, call),
    }
  }
}
