// Bytes to message, with a refusal that names the fields at fault where some are.

import { type DescMessage, fromBinary, fromJson, type JsonValue, type Message } from '@bufbuild/protobuf'
import { parseJson } from '@strait/domain/json/parse-json'
import { checkJsonText } from '@strait/domain/json-text'
import { Refusal, refuseFields } from '../refusal.ts'
import { findJsonFaults } from './json-faults.ts'
import { unknownBinaryField } from './unknown-fields.ts'

/** How deep a body may be. JSON text inside it has bounds of its own. */
export const maxBodyDepth = 128

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Reads a message from JSON. Empty bytes are the empty message, as Connect clients send it. */
export function decodeJson(desc: DescMessage, bytes: Uint8Array): Message {
  const json = parse(bytes)
  try {
    return fromJson(desc, json)
  } catch (cause) {
    const { unknown, invalid } = findJsonFaults(desc, json)
    if (unknown.length > 0) throw refuseFields('FIELD_UNKNOWN', unknown)
    if (invalid.length > 0) throw refuseFields('FIELD_INVALID', invalid)
    throw new Refusal('BODY_MALFORMED', `the body is not a ${desc.name}`, { cause })
  }
}

function parse(bytes: Uint8Array): JsonValue {
  if (bytes.length === 0) return {}
  const text = decodeUtf8(bytes)
  // The parser takes the last of two equal keys and forgets the other: what was meant cannot be known, so it is refused. It
  // also goes as deep as the stack does.
  const check = checkJsonText(text, { maxBytes: Number.POSITIVE_INFINITY, maxDepth: maxBodyDepth })
  if (!check.ok)
    throw new Refusal('BODY_MALFORMED', `the body is not the JSON that is read here: it ${check.message}`)
  return parseJson(text) as JsonValue
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch (cause) {
    throw new Refusal('BODY_MALFORMED', 'the body is not UTF-8', { cause })
  }
}

/** Reads a message from protobuf's binary form. */
export function decodeBinary(desc: DescMessage, bytes: Uint8Array): Message {
  const message = parseBinary(desc, bytes)
  const unknown = unknownBinaryField(desc, message)
  if (unknown !== undefined)
    throw refuseFields('FIELD_UNKNOWN', [{ field: unknown, description: 'no such field' }])
  return message
}

function parseBinary(desc: DescMessage, bytes: Uint8Array): Message {
  try {
    return fromBinary(desc, bytes)
  } catch (cause) {
    throw new Refusal('BODY_MALFORMED', `the body is not a ${desc.name}`, { cause })
  }
}
