// One method as an operation of OpenAPI.

import type { DescEnum, DescMethod, JsonObject } from '@bufbuild/protobuf'
import { type ReasonWord, reasonWords } from '@strait/contracts/rest-status'
import { accessOf } from '@strait/contracts/scopes'
import { commentOf } from './comment-of.ts'
import type { Components } from './components.ts'
import type { HttpRoute } from './http-route.ts'
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

/** The operation of a method. */
export function operationOf(
  method: DescMethod,
  route: HttpRoute,
  reasonEnum: DescEnum,
  components: Components,
): JsonObject {
  const { summary, rest } = splitSummary(commentOf(method))
  const access = accessOf(method)
  if (access?.who !== 'scope') throw new Error(`${method} has a REST path and is not opened by a scope`)
  const parameters = parametersOf(method, route, components)
  const requestBody = requestBodyOf(method, route, components)
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
      ...successResponses(method, route, components),
      ...problemResponses(inOrder, reasonEnum, components),
    },
    'x-strait-scope': access.scope,
  }
}
