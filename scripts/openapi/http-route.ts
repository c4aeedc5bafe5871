// Where a method stands in REST, as its annotation says it.

import { type DescMethod, getOption, hasOption } from '@bufbuild/protobuf'
import { http } from '@strait/contracts/google/api/annotations_pb'

/** A method's place in REST. */
export interface HttpRoute {
  readonly verb: 'get' | 'put' | 'post' | 'delete' | 'patch'
  /** For example `/v1/jobs/{job}`. */
  readonly path: string
  /** The fields of the request that the path holds. */
  readonly variables: readonly string[]
  /** The field of the request that is the body, `*` for all that is not in the path, empty for none. */
  readonly body: string
  /** The field of the response that is answered bare; empty for all of it. */
  readonly responseBody: string
}

/** A method's place in REST; undefined for one that has none. */
export function routeOf(method: DescMethod): HttpRoute | undefined {
  if (!hasOption(method, http)) return undefined
  const { pattern, body, responseBody, additionalBindings } = getOption(method, http)
  if (pattern.case === undefined) return undefined
  const path = pattern.case === 'custom' ? '' : pattern.value
  const variables = Array.from(path.matchAll(/\{([^}]*)\}/g), ([, name = '']) => name)
  const isPlain = variables.every((name) => method.input.fields.some((field) => field.name === name))
  if (pattern.case === 'custom' || additionalBindings.length > 0 || !isPlain)
    throw new Error(`${method} has a REST path of a kind that nothing here reads`)
  return { verb: pattern.case, path, variables, body, responseBody }
}
