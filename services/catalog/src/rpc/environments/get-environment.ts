import type { GetEnvironmentRequest } from '@strait/contracts/catalog/v1/environment_service_pb'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import { writeEnvironment } from './environment-codec.ts'
import { type EnvironmentDeps, requireEnvironment } from './environment-ref.ts'

/** Answers one environment. */
export function getEnvironment({ db }: Pick<EnvironmentDeps, 'db'>) {
  return async ({ environment }: GetEnvironmentRequest, { caller }: Call) => ({
    environment: writeEnvironment(await requireEnvironment(db, caller.projectId, environment)),
  })
}
