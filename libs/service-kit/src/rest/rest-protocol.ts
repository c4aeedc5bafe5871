// REST as one more protocol: the same call, with its message read from path, query, headers and body, and its answer written
// bare. Made for each request, because the path is part of the message.

import type { DescField, DescMethod, Message } from '@bufbuild/protobuf'
import type { RestRoute } from '@strait/contracts/rest-routes'
import { Refusal } from '../refusal.ts'
import { headerOf, type Request } from '../rpc/http-types.ts'
import type { Protocol } from '../rpc/protocol.ts'
import { readBody } from '../rpc/read-body.ts'
import { gunzipWithin, requireEncoding } from '../rpc/read-message.ts'
import { sendProblem } from './problem.ts'
import { readRequest } from './read-request.ts'
import { planOf, type RoutePlan } from './route-plan.ts'
import { writeFields, writeJson } from './write-json.ts'

const form = { encodingHeader: 'content-encoding' }
const utf8 = new TextDecoder('utf-8', { fatal: true })

/** What is common to answers and streams over REST. */
export function restReading(
  route: RestRoute,
  vars: ReadonlyMap<string, string>,
): Pick<Protocol, 'readTimeout' | 'requireReadable' | 'read'> {
  return {
    readTimeout: () => undefined,
    requireReadable: (request) => requireEncoding(form, request),
    async read(request, _method, maxBytes) {
      const url = request.url ?? ''
      const at = url.indexOf('?')
      return readRequest({
        route,
        vars,
        query: at < 0 ? '' : url.slice(at + 1),
        header: (name) => headerOf(request, name),
        body: route.body === '' ? '' : await readText(request, maxBytes),
      })
    },
  }
}

/** One request for one answer. */
export function restProtocol(route: RestRoute, vars: ReadonlyMap<string, string>): Protocol {
  const plan = planOf(route)
  let validateOnly = false
  const reading = restReading(route, vars)
  return {
    ...reading,
    name: 'REST',
    async read(request, method, maxBytes) {
      const message = await reading.read(request, method, maxBytes)
      validateOnly = flag(message, 'validateOnly')
      return message
    },
    send(response, method, message) {
      const created = validateOnly || flag(message, 'deduplicated') ? undefined : locationOf(plan, message)
      const body = writeAnswer(plan, method, message)
      const headers: Record<string, string | number> = {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      }
      if (created !== undefined) headers.location = created
      const tag = etagOf(plan, message)
      if (tag !== undefined) headers.etag = `"${tag}"`
      response.writeHead(created === undefined ? 200 : 201, headers).end(body)
      return true
    },
    finish() {
      // The message was the whole answer.
    },
    fail: sendProblem,
  }
}

async function readText(request: Request, maxBytes: number): Promise<string> {
  const packed = await readBody(request, maxBytes)
  const gzip = headerOf(request, form.encodingHeader) === 'gzip'
  const bytes = gzip && packed.length > 0 ? await gunzipWithin(packed, maxBytes) : packed
  try {
    return utf8.decode(bytes)
  } catch (cause) {
    throw new Refusal('BODY_MALFORMED', 'the body is not UTF-8', { cause })
  }
}

/** The resource bare, what else the answer says beside its fields; without a resource the whole answer. */
function writeAnswer({ resource }: RoutePlan, method: DescMethod, message: Message): string {
  if (resource === undefined) return writeJson(method.output, message)
  const held = valueIn(message, resource) as Message | undefined
  const beside = writeFields(method.output, message, resource.name)
  const fields =
    resource.message === undefined || held === undefined ? '' : writeFields(resource.message, held)
  return `{${fields}${fields === '' || beside === '' ? '' : ','}${beside}}`
}

/** Where what was created is to be had; undefined for a method that creates nothing. */
function locationOf({ created }: RoutePlan, message: Message): string | undefined {
  return created
    ?.map((part) => {
      if (typeof part === 'string') return part
      const [outer, inner] = part
      return encodeURIComponent(String(valueIn(valueIn(message, outer) as Message, inner)))
    })
    .join('')
}

/** What If-Match takes: the etag of the resource, or the name of its version. */
function etagOf({ resource }: RoutePlan, message: Message): string | undefined {
  const held = resource && (valueIn(message, resource) as { etag?: string; versionId?: string } | undefined)
  const tag = held?.etag ?? held?.versionId
  return tag === undefined || tag === '' ? undefined : tag
}

function valueIn(message: Message, field: DescField): unknown {
  return (message as unknown as Readonly<Record<string, unknown>>)[field.localName]
}

function flag(message: Message, name: string): boolean {
  return (message as unknown as Readonly<Record<string, unknown>>)[name] === true
}
