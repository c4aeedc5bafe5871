// From a REST request to the message of its method: what the path, the query, the headers and the body say, each field from one
// place only. Everything that is wrong with the names is told at once, then everything that is wrong with the values.

import {
  create,
  type DescField,
  type DescMessage,
  fromJson,
  type JsonObject,
  type JsonValue,
  type Message,
} from '@bufbuild/protobuf'
import { FieldMaskSchema } from '@bufbuild/protobuf/wkt'
import type { RestRoute } from '@strait/contracts/rest-routes'
import { type FieldViolation, Refusal, refuseFields } from '../refusal.ts'
import { findJsonFaults } from '../rpc/json-faults.ts'
import { readJson } from './read-json.ts'
import { readQuery } from './read-query.ts'
import { planOf, type RoutePlan } from './route-plan.ts'

/** What of an HTTP request a method's message is made from. */
export interface RestParts {
  readonly route: RestRoute
  readonly vars: ReadonlyMap<string, string>
  /** Without its question mark. */
  readonly query: string
  header(name: string): string | undefined
  /** Empty where there was none. */
  readonly body: string
}

/** Reads the message of a request, or refuses it. */
export function readRequest(parts: RestParts): Message {
  const { route, vars } = parts
  const plan = planOf(route)
  const desc = route.method.input
  const query = readQuery(desc, parts.query, plan.isOpen)
  const body = readBodyOf(parts, plan)
  const unknown = [...query.unknown, ...(body?.unknown ?? [])]
  const invalid = [...query.invalid, ...(body?.invalid ?? [])]

  const json: Record<string, JsonValue> = { ...query.json }
  if (plan.bodyField !== undefined) json[plan.bodyField.name] = body?.json ?? {}
  else Object.assign(json, body?.json)
  for (const [name, value] of vars) {
    if (plan.bodyField === undefined && body?.present.includes(name) === true)
      invalid.push({ field: name, description: 'is given by the path; leave it out' })
    json[name] = value
  }
  readHeaders(parts, plan, json, invalid)
  if (unknown.length > 0) throw refuseFields('FIELD_UNKNOWN', unknown)
  if (invalid.length > 0) throw refuseFields('FIELD_INVALID', invalid)

  const message = decode(desc, json)
  // A change is what the body names, a null included: its mask is the list of these.
  if (plan.mask !== undefined) {
    const paths = [...(body?.present ?? [])]
    Object.assign(message, { [plan.mask.localName]: create(FieldMaskSchema, { paths }) })
  }
  return message
}

function readBodyOf({ body }: RestParts, { bodyField, bodyMessage }: RoutePlan) {
  if (bodyMessage === undefined) return undefined
  return readJson(bodyMessage, body === '' ? '{}' : body, {
    prefix: bodyField === undefined ? '' : `${bodyField.name}.`,
    nullIsJson: bodyField === undefined,
  })
}

/** The headers that stand for fields of the request. One that the method has no field for would be ignored, so it is refused. */
function readHeaders(
  { route, header }: RestParts,
  { etag, idempotencyKey, cursor }: RoutePlan,
  json: Record<string, JsonValue>,
  invalid: FieldViolation[],
): void {
  const put = (name: string, given: string, field: DescField | undefined) => {
    const before = field === undefined ? undefined : json[field.name]
    if (field === undefined)
      invalid.push({ field: name, description: 'means nothing to this method; leave it out' })
    else if (before !== undefined && before !== given)
      invalid.push({ field: name, description: `says something else than ${field.name}` })
    else json[field.name] = given
  }
  for (const name of ['idempotency-key', 'x-idempotency-key']) {
    const key = header(name)
    if (key === undefined || route.verb === 'GET') continue
    // What else stands in a header is read by everybody differently, and the same key must be the same on every door.
    if (/^[ -~]*$/.test(key)) put(name, key, idempotencyKey)
    else invalid.push({ field: name, description: 'must be printable ASCII; any other goes into the body' })
  }
  const match = header('if-match')
  if (match !== undefined && match !== '*') {
    const [, quoted, bare] = /^(?:"([^"]*)"|([^",\s]+))$/.exec(match) ?? []
    const tag = quoted ?? bare
    if (tag === undefined) invalid.push({ field: 'if-match', description: 'must be one etag' })
    else put('if-match', tag, etag)
  }
  const last = header('last-event-id')
  if (last !== undefined && last !== '' && cursor !== undefined) {
    // A browser that connects again repeats its first query: where it stopped is in the header.
    if (/^\d{1,9}$/.test(last)) json[cursor.name] = last
    else invalid.push({ field: 'last-event-id', description: 'must be the id of an event of this stream' })
  }
}

function decode(desc: DescMessage, json: JsonObject): Message {
  try {
    return fromJson(desc, json)
  } catch (cause) {
    const { invalid } = findJsonFaults(desc, json)
    if (invalid.length > 0) throw refuseFields('FIELD_INVALID', invalid)
    throw new Refusal('BODY_MALFORMED', `the request is not a ${desc.name}`, { cause })
  }
}
