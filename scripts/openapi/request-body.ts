// What of a request stands in the body.

import type { DescField, DescMethod, JsonObject } from '@bufbuild/protobuf'
import type { RestRoute } from '@strait/contracts/rest-routes'
import { commentOf } from './comment-of.ts'
import type { Components } from './components.ts'
import { isUpdateMask } from './field-schema.ts'
import { variablesOf } from './parameters.ts'
import { describe, isRequired, maskableIn } from './prose.ts'

const patchDescription =
  'The fields to change, and no others. A value replaces the one before as a whole; null clears it.'

/** The body of a method's request; undefined where it has none. */
export function requestBodyOf(route: RestRoute, components: Components): JsonObject | undefined {
  const { verb, method, body } = route
  if (body === '') return undefined
  if (body === '*') {
    const variables = variablesOf(route)
    const has = ({ name }: DescField) => !variables.includes(name)
    const make = () => components.object(method.input, 'input', has)
    const required = method.input.fields.some((field) => has(field) && isRequired(commentOf(field)))
    return { required, content: contentOf(verb, components.named(method.input.name, make)) }
  }
  const field = method.input.fields.find(({ name }) => name === body)
  if (field?.message === undefined) throw new Error(`the body of ${method} is no message of its request`)
  const inner = field.message
  const required = isRequired(commentOf(field))
  if (verb !== 'PATCH')
    return {
      description: describe(commentOf(field)),
      required,
      content: contentOf(verb, components.message(inner, 'input')),
    }
  const has = maskable(method)
  const schema = components.named(`${inner.name}Patch`, () => components.object(inner, 'patch', has))
  return { description: patchDescription, required, content: contentOf(verb, schema) }
}

/** Which fields a PATCH may change: those that the update mask's comment names, else all that are not output only. */
function maskable({ input }: DescMethod): (field: DescField) => boolean {
  const mask = input.fields.find(isUpdateMask)
  const names = mask === undefined ? undefined : maskableIn(commentOf(mask))
  return ({ name }) => names?.includes(name) ?? true
}

function contentOf(verb: string, schema: JsonObject): JsonObject {
  return {
    'application/json': { schema },
    ...(verb === 'PATCH' && { 'application/merge-patch+json': { schema } }),
  }
}
