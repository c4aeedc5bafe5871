// What a REST path needs of its schema, worked out once: looking for fields and reading options with every request would cost as
// much as the whole call.

import { type DescField, type DescMessage, getOption, hasOption } from '@bufbuild/protobuf'
import { FieldMaskSchema } from '@bufbuild/protobuf/wkt'
import { creates, last_event_id } from '@strait/contracts/options/v1/options_pb'
import type { RestRoute } from '@strait/contracts/rest-routes'

/** The fields that have a place of their own in a REST request or answer. */
export interface RoutePlan {
  /** The one field that the body is; undefined where it is the whole request, or nothing. */
  readonly bodyField: DescField | undefined
  /** The message of the body; undefined where there is none. */
  readonly bodyMessage: DescMessage | undefined
  /** Filled with the names that the body has. */
  readonly mask: DescField | undefined
  /** Filled by If-Match. */
  readonly etag: DescField | undefined
  /** Filled by Idempotency-Key. */
  readonly idempotencyKey: DescField | undefined
  /** Filled by Last-Event-ID. */
  readonly cursor: DescField | undefined
  /** Whether a field may stand in the query. */
  readonly isOpen: (field: DescField) => boolean
  /** The field of the answer that is answered bare. */
  readonly resource: DescField | undefined
  /** The path of what was created; undefined where nothing is. */
  readonly created: readonly CreatedPart[] | undefined
}

/** A part of a path: a text, or a field of a field of the answer. */
export type CreatedPart = string | readonly [outer: DescField, inner: DescField]

const plans = new WeakMap<RestRoute, RoutePlan>()

/** The plan of a route. */
export function planOf(route: RestRoute): RoutePlan {
  const known = plans.get(route)
  if (known !== undefined) return known
  const plan = makePlan(route)
  plans.set(route, plan)
  return plan
}

function makePlan(route: RestRoute): RoutePlan {
  const { input, output } = route.method
  const named = (name: string) => input.fields.find((field) => field.name === name)
  const bodyField = named(route.body)
  const mask = bodyField && input.fields.find((field) => field.message === FieldMaskSchema)
  const inPath = new Set(
    route.segments.flatMap((segment) => (segment.kind === 'variable' ? [segment.field] : [])),
  )
  return {
    bodyField,
    bodyMessage: bodyMessageOf(route, bodyField),
    mask,
    etag: named('etag'),
    idempotencyKey: named('idempotency_key'),
    cursor: input.fields.find((field) => hasOption(field, last_event_id) && getOption(field, last_event_id)),
    isOpen: (field) => route.body !== '*' && field !== bodyField && field !== mask && !inPath.has(field.name),
    resource: output.fields.find((field) => field.name === route.responseBody),
    created: hasOption(route.method, creates)
      ? createdParts(output, getOption(route.method, creates))
      : undefined,
  }
}

function bodyMessageOf(route: RestRoute, field: DescField | undefined): DescMessage | undefined {
  if (route.body === '') return undefined
  const message = route.body === '*' ? route.method.input : field?.message
  if (message === undefined) throw new Error(`the body of ${route.template} is no message`)
  return message
}

/** `/v1/jobs/{job.id}` taken apart. */
function createdParts(output: DescMessage, template: string): readonly CreatedPart[] {
  return template.split(/(\{[^}]*\})/).map((part) => {
    const [, outerName, innerName] = /^\{([a-z_]+)\.([a-z_]+)\}$/.exec(part) ?? []
    if (outerName === undefined) return part
    const outer = output.fields.find((field) => field.name === outerName)
    const inner = outer?.message?.fields.find((field) => field.name === innerName)
    if (outer === undefined || inner === undefined)
      throw new Error(`${template}: ${output.name} has no ${part}`)
    return [outer, inner]
  })
}
