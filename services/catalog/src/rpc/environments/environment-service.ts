import { EnvironmentService } from '@strait/contracts/catalog/v1/environment_service_pb'
import { type RpcService, rpcService } from '@strait/service-kit/rpc/rpc-service'
import type { PageTokens } from '../../domain/page-token.ts'
import { createEnvironment } from './create-environment.ts'
import { deleteEnvironment } from './delete-environment.ts'
import type { EnvironmentDeps } from './environment-ref.ts'
import { getEnvironment } from './get-environment.ts'
import { listEnvironmentVariables } from './list-environment-variables.ts'
import { listEnvironments } from './list-environments.ts'
import { setEnvironmentVariables } from './set-environment-variables.ts'
import { updateEnvironment } from './update-environment.ts'

/** EnvironmentService with all of its methods. */
export function environmentService(deps: EnvironmentDeps & { readonly tokens: PageTokens }): RpcService {
  return rpcService(EnvironmentService, {
    createEnvironment: createEnvironment(deps),
    getEnvironment: getEnvironment(deps),
    listEnvironments: listEnvironments(deps),
    updateEnvironment: updateEnvironment(deps),
    setEnvironmentVariables: setEnvironmentVariables(deps),
    listEnvironmentVariables: listEnvironmentVariables(deps),
    deleteEnvironment: deleteEnvironment(deps),
  })
}
