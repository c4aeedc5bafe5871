import type { GetEnvironmentValuesRequest } from '@strait/contracts/catalog/v1/catalog_internal_service_pb'
import { refuseFields } from '@strait/service-kit/refusal'
import type { OwnVariables } from '../../domain/environments/variables.ts'
import { findEnvironmentValues } from '../../store/environments/find-environment-values.ts'
import type { MasterKey } from '../../store/secrets/secret-box.ts'
import type { InternalDeps } from './batch.ts'

const maxIds = 100

/** Gives what holds in environments, values and all. */
export function getEnvironmentValues({
  db,
  events,
  masterKey,
}: InternalDeps & { readonly masterKey: MasterKey }) {
  return async ({ ids }: GetEnvironmentValuesRequest) => {
    if (ids.length > maxIds)
      throw refuseFields('FIELD_INVALID', [
        { field: 'ids', description: `must have at most ${maxIds} items` },
      ])
    events.asked('get_environment_values', ids.length)
    const found = await findEnvironmentValues(db, masterKey, ids)
    return {
      environments: found.map((values) =>
        values === undefined
          ? {}
          : { found: true, revision: values.revision, ...writeVariables(values.merged) },
      ),
    }
  }
}

function writeVariables({ variables, jobOverrides }: OwnVariables) {
  const overrides = [...jobOverrides].map(
    ([slug, own]) => [slug, { variables: Object.fromEntries(own) }] as const,
  )
  return { variables: Object.fromEntries(variables), jobOverrides: Object.fromEntries(overrides) }
}
