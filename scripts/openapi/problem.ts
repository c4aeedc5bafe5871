// How REST says no: problems of RFC 9457, each status with the reasons that it is answered for.

import type { DescEnum, JsonObject } from '@bufbuild/protobuf'
import { type ReasonWord, reasonWords, restStatusOf } from '@strait/contracts/rest-status'
import { commentOf } from './comment-of.ts'
import type { Components } from './components.ts'

const mediaType = 'application/problem+json'

const retryAfter = {
  'Retry-After': {
    description: 'After how many seconds to try again, where that is known.',
    schema: { type: 'integer' },
  },
} as const
const authenticate = {
  'WWW-Authenticate': { description: 'Always `Bearer`.', schema: { type: 'string' } },
} as const

/** Every refusal of a method, by status; `default` is what any call may meet. */
export function problemResponses(
  reasons: readonly ReasonWord[],
  reasonEnum: DescEnum,
  components: Components,
): JsonObject {
  const problem = components.named('Problem', () => problemSchema(reasonEnum))
  const statuses = [...new Set(reasons.map(restStatusOf))].toSorted((a, b) => a - b)
  const byStatus = statuses.map((status) => {
    const here = reasons.filter((reason) => restStatusOf(reason) === status)
    const make = () => responseOf(status, here, reasonEnum, problem)
    return [String(status), components.response(here.join('.'), make)] as const
  })
  const other = () => ({
    description: 'Any other refusal or fault.',
    headers: retryAfter,
    content: { [mediaType]: { schema: problem } },
  })
  return { ...Object.fromEntries(byStatus), default: components.response('Problem', other) }
}

function responseOf(
  status: number,
  reasons: readonly ReasonWord[],
  reasonEnum: DescEnum,
  problem: JsonObject,
): JsonObject {
  const narrowed = {
    type: 'object',
    properties: { reason: { enum: [...reasons] }, status: { const: status } },
  }
  return {
    description: listOf(reasons, reasonEnum),
    ...(status === 401 && { headers: authenticate }),
    ...([429, 503].includes(status) && { headers: retryAfter }),
    content: { [mediaType]: { schema: { allOf: [problem, narrowed] } } },
  }
}

function listOf(reasons: readonly ReasonWord[], reasonEnum: DescEnum): string {
  return reasons.map((reason) => `- \`${reason}\`: ${forRest(meaningOf(reason, reasonEnum))}`).join('\n')
}

/** What gRPC carries in messages of its own has its place in the problem, or in a header. */
function forRest(meaning: string): string {
  return meaning
    .replace('the BadRequest says', '`violations` says')
    .replace('the BadRequest names', '`violations` names')
    .replace('the RetryInfo says', 'the header `Retry-After` says')
}

/** What a reason means: its comment in the schema, without the code that stands before it. */
function meaningOf(reason: ReasonWord, reasonEnum: DescEnum): string {
  const value = reasonEnum.values.find(({ localName }) => localName === reason)
  if (value === undefined) throw new Error(`the schema has no reason ${reason}`)
  return commentOf(value).replace(/^[A-Z_]+\. /, '')
}

function problemSchema(reasonEnum: DescEnum): JsonObject {
  const text = (description: string) => ({ type: 'string', description })
  return {
    type: 'object',
    description: 'Why a request was refused, as RFC 9457 has it.',
    required: ['type', 'title', 'status', 'detail', 'reason'],
    properties: {
      type: text('Always `about:blank`: the reason says what kind of problem it is.'),
      title: text('The words of the status.'),
      status: { type: 'integer', minimum: 400, maximum: 599, description: 'The status of the answer.' },
      detail: text('What is wrong, for people. Its words may change.'),
      reason: {
        type: 'string',
        description: [
          'What is wrong, for programs. A word keeps its meaning.',
          listOf(reasonWords, reasonEnum),
        ].join('\n\n'),
        enum: [...reasonWords],
      },
      violations: {
        type: 'array',
        description: 'The fields at fault, where there are any.',
        items: {
          type: 'object',
          required: ['field', 'description'],
          properties: {
            field: text('The path of the field, for example `job.retry_delays_secs[2]`.'),
            description: text('What is wrong with it.'),
          },
        },
      },
      metadata: {
        type: 'object',
        description: 'What else belongs to the reason, by name.',
        additionalProperties: { type: 'string' },
      },
    },
  }
}
