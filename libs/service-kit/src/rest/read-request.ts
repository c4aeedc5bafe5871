// From a REST request to the message of its method: what the path, the query, the headers and the body say, each field from one
// place only. Everything that is wrong with the names is told at once, then everything that is wrong with the values.

import {
  create,
  type DescField,
  type DescMessage,
  fromJson,
  getOption,
  hasOption,
  type JsonObject,
  type JsonValue,
  type Message,
} from '@bufbuild/protobuf'
import { FieldMaskSchema } from '@bufbuild/protobuf/wkt'
import { last_event_id } from '@strait/contracts/options/v1/options_pb'
import type { RestRoute } from '@strait/contracts/rest-routes'
import { type FieldViolation, Refusal, refuseFields } from '../refusal.ts'
import { findJsonFaults } from '../rpc/json-faults.ts'
import { readJson } from './read-json.ts'
import { readQuery } from './read-query.ts'

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
  const desc = route.method.input
  const unknown: FieldViolation[] = []
  const invalid: FieldViolation[] = []
  const bodyField = desc.fields.find((field) => field.name === route.body)
  const isBody = (field: DescField) => route.body === '*' || field === bodyField
  const isMask = (field: DescField) => field.message === FieldMaskSchema

  const query = readQuery(
    desc,
    parts.query,
    (field) => !isBody(field) && !isMask(field) && !vars.has(field.name),
  )
  unknown.push(...query.unknown)
  invalid.push(...query.invalid)
  const json: Record<string, JsonValue> = { ...query.json }

  const body = readBodyOf(parts, desc, bodyField)
  if (body !== undefined) {
    unknown.push(...body.unknown)
    invalid.push(...body.invalid)
    if (bodyField === undefined) Object.assign(json, body.json)
    else json[bodyField.name] = body.json
  }
  for (const [name, value] of vars) {
    if (body?.present.includes(name) === true && bodyField === undefined)
      invalid.push({ field: name, description: 'is given by the path; leave it out' })
    json[name] = value
  }
  readHeaders(parts, desc, json, invalid)
  if (unknown.length > 0) throw refuseFields('FIELD_UNKNOWN', unknown)
  if (invalid.length > 0) throw refuseFields('FIELD_INVALID', invalid)
  const message = decode(desc, json)
  // A change is what the body names, a null included: its mask is the list of these.
  const mask = bodyField && desc.fields.find(isMask)
  if (mask !== undefined)
    Object.assign(message, {
      [mask.localName]: create(FieldMaskSchema, { paths: [...(body?.present ?? [])] }),
    })
  return message
}

function readBodyOf({ route, body }: RestParts, desc: DescMessage, field: DescField | undefined) {
  if (route.body === '') return undefined
  const inner = field === undefined ? desc : field.message
  if (inner === undefined) throw new Error(`the body of ${route.template} is no message`)
  return readJson(inner, body === '' ? '{}' : body, {
    prefix: field === undefined ? '' : `${field.name}.`,
    nullIsJson: field === undefined,
  })
}

/** The headers that stand for fields of the request. One that the method has no field for would be ignored, so it is refused. */
function readHeaders(
  { route, header }: RestParts,
  desc: DescMessage,
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
  const named = (name: string) => desc.fields.find((field) => field.name === name)

  for (const name of ['idempotency-key', 'x-idempotency-key']) {
    const key = header(name)
    if (key !== undefined && route.verb !== 'GET') put(name, key, named('idempotency_key'))
  }
  const match = header('if-match')
  if (match !== undefined && match !== '*') {
    const [, quoted, bare] = /^(?:"([^"]*)"|([^",\s]+))$/.exec(match) ?? []
    const tag = quoted ?? bare
    if (tag === undefined) invalid.push({ field: 'if-match', description: 'must be one etag' })
    else put('if-match', tag, named('etag'))
  }
  const last = header('last-event-id')
  const cursor = desc.fields.find(
    (field) => hasOption(field, last_event_id) && getOption(field, last_event_id),
  )
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
