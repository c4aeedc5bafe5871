// What a method answers when it says yes.

import { type DescMethod, getOption, hasOption, type JsonObject } from '@bufbuild/protobuf'
import { creates } from '@strait/contracts/options/v1/options_pb'
import type { RestRoute } from '@strait/contracts/rest-routes'
import { commentOf } from './comment-of.ts'
import type { Components } from './components.ts'

/** The answers of a method, by status. */
export function successResponses(route: RestRoute, components: Components): JsonObject {
  const { method } = route
  if (method.methodKind === 'server_streaming') return { '200': streamOf(method, components) }
  const content = { 'application/json': { schema: answerOf(route, components) } }
  const description = commentOf(method.output)
  const tag: JsonObject = isTagged(route) ? { ETag: etag } : {}
  const plain = { ...(isTagged(route) && { headers: tag }), content }
  if (!hasOption(method, creates)) return { '200': { description, ...plain } }
  const created = { description, headers: { Location: locationOf(method), ...tag }, content }
  const notCreated = reasonsForNotCreated(method)
  if (notCreated.length === 0) return { '201': created }
  return {
    '200': { description: `Nothing was created: ${notCreated.join(', or ')}.`, ...plain },
    '201': created,
  }
}

const etag = {
  description: 'What `If-Match` takes: the etag of what is answered, quoted.',
  schema: { type: 'string' },
} as const

/** Whether what is answered has an etag, or a version whose name serves as one. */
function isTagged({ method, responseBody }: RestRoute): boolean {
  const resource = method.output.fields.find(({ name }) => name === responseBody)?.message
  return resource?.fields.some(({ name }) => name === 'etag' || name === 'version_id') === true
}

function locationOf(method: DescMethod): JsonObject {
  const path = getOption(method, creates)
  return { description: `Where the new one is: \`${path}\`.`, required: true, schema: { type: 'string' } }
}

function reasonsForNotCreated(method: DescMethod): string[] {
  const has = (fields: DescMethod['input']['fields'], name: string) =>
    fields.some((field) => field.name === name)
  return [
    ...(has(method.output.fields, 'deduplicated') ? ['`deduplicated` is true'] : []),
    ...(has(method.input.fields, 'validate_only') ? ['the request was `validate_only`'] : []),
  ]
}

/** The bare resource, with the response's further fields beside its own; or the whole response. */
function answerOf({ method, responseBody }: RestRoute, components: Components): JsonObject {
  const { output } = method
  if (responseBody === '') return components.message(output, 'output')
  const field = output.fields.find(({ name }) => name === responseBody)
  if (field?.message === undefined) throw new Error(`${responseBody} is no message of ${output}`)
  const resource = components.message(field.message, 'output')
  if (output.fields.length === 1) return resource
  const inner = field.message
  const twice = output.fields.find(
    ({ name }) => name !== responseBody && inner.fields.some((one) => one.name === name),
  )
  if (twice !== undefined) throw new Error(`in the answer of ${method} ${twice.name} would stand twice`)
  return components.named(output.name, () => {
    const { description, ...beside } = components.object(
      output,
      'output',
      ({ name }) => name !== responseBody,
    )
    return { description: description ?? '', allOf: [resource, beside] }
  })
}

/** A stream: server-sent events, whose form no schema of JSON can tell. What each one's data is stands beside it. */
function streamOf(method: DescMethod, components: Components): JsonObject {
  const numbers = method.output.fields.map((field) => field.name).join('`, `')
  return {
    description: [
      `Server-sent events. Each has a message of the stream (\`${numbers}\`) as its \`data\`, and the message's`,
      'number as its `id`. When the stream breaks off, an event of the type `error` with a problem as its',
      '`data` comes last.',
    ].join(' '),
    content: {
      'text/event-stream': {
        schema: { type: 'string', description: 'The events as they are sent.' },
        'x-strait-event-data': components.message(method.output, 'output'),
        'x-strait-error-data': { $ref: '#/components/schemas/Problem' },
      },
    },
  }
}
