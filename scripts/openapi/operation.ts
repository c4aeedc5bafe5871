// One method as an operation of OpenAPI.

import type { DescEnum, JsonObject } from '@bufbuild/protobuf'
import type { RestRoute } from '@strait/contracts/rest-routes'
import { type ReasonWord, reasonWords } from '@strait/contracts/rest-status'
import { accessOf } from '@strait/contracts/scopes'
import { commentOf } from './comment-of.ts'
import type { Components } from './components.ts'
import { parametersOf } from './parameters.ts'
import { problemResponses } from './problem.ts'
import { reasonsIn, splitSummary } from './prose.ts'
import { requestBodyOf } from './request-body.ts'
import { successResponses } from './responses.ts'

/** What any call may be refused with. */
const usualReasons: readonly ReasonWord[] = [
  ...(['FIELD_INVALID', 'FIELD_UNKNOWN', 'KEY_MISSING', 'KEY_INVALID', 'NOT_ALLOWED'] as const),
  ...(['TOO_MANY_FAILURES', 'OVERLOADED'] as const),
]
const reasonsOfBodies: readonly ReasonWord[] = ['BODY_MALFORMED', 'BODY_TOO_LARGE']

/** The operation of a method at its place. */
export function operationOf(route: RestRoute, reasonEnum: DescEnum, components: Components): JsonObject {
  const { method } = route
  const { summary, rest } = splitSummary(commentOf(method))
  const access = accessOf(method)
  if (access?.who !== 'scope') throw new Error(`${method} has a REST path and is not opened by a scope`)
  const parameters = parametersOf(route, components)
  const requestBody = requestBodyOf(route, components)
  const reasons = new Set([
    ...usualReasons,
    ...(requestBody === undefined ? [] : reasonsOfBodies),
    ...reasonsIn(commentOf(method)),
  ])
  const inOrder = reasonWords.filter((reason) => reasons.has(reason))
  return {
    operationId: method.localName,
    tags: [method.parent.name],
    summary,
    description: `${rest} Needs an API key with the scope \`${access.scope}\`.`.trim(),
    ...(parameters.length > 0 && { parameters }),
    ...(requestBody !== undefined && { requestBody }),
    responses: {
      ...successResponses(route, components),
      ...problemResponses(inOrder, reasonEnum, components),
    },
    'x-strait-scope': access.scope,
  }
}
