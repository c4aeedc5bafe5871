// Bytes to message, with a refusal that names the fields at fault where some are.

import { type DescMessage, fromBinary, fromJson, type JsonValue, type Message } from '@bufbuild/protobuf'
import { Refusal, refuseFields } from '../refusal.ts'
import { findJsonFaults } from './json-faults.ts'
import { unknownBinaryField } from './unknown-fields.ts'

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
  try {
    return bytes.length === 0 ? {} : (JSON.parse(utf8.decode(bytes)) as JsonValue)
  } catch (cause) {
    throw new Refusal('BODY_MALFORMED', 'the body is not JSON in UTF-8', { cause })
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
