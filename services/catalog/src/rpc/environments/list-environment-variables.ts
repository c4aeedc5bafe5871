import type { ListEnvironmentVariablesRequest } from '@strait/contracts/catalog/v1/environment_service_pb'
import { checkSlug } from '@strait/domain/slug'
import { refuseFields } from '@strait/service-kit/refusal'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import { effectiveNames } from '../../domain/environments/effective-names.ts'
import { findLine } from '../../store/environments/find-environments.ts'
import { type EnvironmentDeps, requireEnvironment } from './environment-ref.ts'

/** Answers the names that hold in an environment, and where each comes from. */
export function listEnvironmentVariables({ db }: Pick<EnvironmentDeps, 'db'>) {
  return async ({ environment, job }: ListEnvironmentVariablesRequest, { caller }: Call) => {
    const slug = job === undefined ? { ok: true as const } : checkSlug(job)
    if (!slug.ok) throw refuseFields('FIELD_INVALID', [{ field: 'job', description: slug.reason }])
    const { id } = await requireEnvironment(db, caller.projectId, environment)
    return { variables: [...effectiveNames(await findLine(db, id), job)] }
  }
}
