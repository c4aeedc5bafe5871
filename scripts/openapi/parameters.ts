// What of a request stands in the path, the query and the headers.

import { type DescField, getOption, hasOption, type JsonObject } from '@bufbuild/protobuf'
import { last_event_id } from '@strait/contracts/options/v1/options_pb'
import type { RestRoute } from '@strait/contracts/rest-routes'
import { defaultOf } from './bounds-of.ts'
import { commentOf } from './comment-of.ts'
import type { Components } from './components.ts'
import { isUpdateMask, shapeOf } from './field-schema.ts'
import { describe, isRequired } from './prose.ts'

/** The parameters of a method: the path's in its order, then the query's, then headers. */
export function parametersOf(route: RestRoute, components: Components): JsonObject[] {
  const { fields } = route.method.input
  const inPath = variablesOf(route).flatMap((name) => fields.filter((field) => field.name === name))
  const inQuery = fields.filter((field) => isInQuery(field, route))
  return [
    ...inPath.map((field) => parameterOf(field, 'path', components)),
    ...inQuery.map((field) => parameterOf(field, 'query', components)),
    ...fields.flatMap((field) => headersFor(field, components)),
  ]
}

/** The fields of the request that the path holds. */
export function variablesOf({ segments }: RestRoute): readonly string[] {
  return segments.flatMap((segment) => (segment.kind === 'variable' ? [segment.field] : []))
}

/** What is neither in the path nor in the body. An etag has its header. */
function isInQuery(field: DescField, route: RestRoute): boolean {
  const { body } = route
  if (body === '*' || field.name === body || variablesOf(route).includes(field.name)) return false
  return !isUpdateMask(field) && field.name !== 'etag'
}

function parameterOf(field: DescField, where: 'path' | 'query', components: Components): JsonObject {
  const comment = commentOf(field)
  const value = defaultOf(field, comment)
  return {
    name: field.name,
    in: where,
    description: describe(comment),
    ...((where === 'path' || isRequired(comment)) && { required: true }),
    ...(field.fieldKind === 'list' && { style: 'form', explode: true }),
    ...(field.fieldKind === 'map' && { style: 'deepObject', explode: true }),
    schema: { ...shapeIn(field, components), ...(value !== undefined && { default: value }) },
  }
}

function shapeIn(field: DescField, components: Components): JsonObject {
  return shapeOf(field, commentOf(field), components.references('input'))
}

/** The headers that stand for a field of the request. */
function headersFor(field: DescField, components: Components): JsonObject[] {
  const header = headerOf(field)
  if (header === undefined) return []
  const [name, description] = header
  return [{ name, in: 'header', description, schema: shapeIn(field, components) }]
}

function headerOf(field: DescField): readonly [name: string, description: string] | undefined {
  if (field.name === 'etag')
    return [
      'If-Match',
      'Acts only on what has this etag, else `ETAG_MISMATCH`. Quoted or bare; `*` fits all.',
    ]
  if (field.name === 'idempotency_key')
    return [
      'Idempotency-Key',
      'The same as `idempotency_key`; `X-Idempotency-Key` is read too. Given in several places, they must agree.',
    ]
  if (hasOption(field, last_event_id) && getOption(field, last_event_id))
    return [
      'Last-Event-ID',
      `The \`id\` of the last event that came; it goes before \`${field.name}\`. Browsers send it by themselves.`,
    ]
  return undefined
}
