// Why a JSON message could not be read, said in the words of the schema. The decoder stops at the first fault and names only
// the innermost field; here the message is taken apart until every field at fault is found. Only messages that were refused come here.

import {
  type DescField,
  type DescMessage,
  type DescOneof,
  fromJson,
  type JsonObject,
  type JsonValue,
  ScalarType,
} from '@bufbuild/protobuf'
import type { FieldViolation } from '../refusal.ts'

/** The fields of a JSON message that keep it from being read. */
export interface JsonFaults {
  readonly unknown: readonly FieldViolation[]
  readonly invalid: readonly FieldViolation[]
}

// More than anybody mends at once, and a bound on the work that a hostile message makes.
const maxFaults = 20

/** Finds what the schema does not know and what it cannot read, by paths like `job.max_attempts`. */
export function findJsonFaults(desc: DescMessage, json: JsonValue): JsonFaults {
  const unknown: FieldViolation[] = []
  const invalid: FieldViolation[] = []
  const full = () => unknown.length + invalid.length >= maxFaults

  function search(desc: DescMessage, json: JsonObject, path: string): void {
    const seen = new Map<DescField | DescOneof, string>()
    for (const [key, value] of Object.entries(json)) {
      if (full()) return
      const field = desc.fields.find((one) => one.jsonName === key || one.name === key)
      if (field === undefined) {
        unknown.push({ field: path + key, description: 'no such field' })
        continue
      }
      const name = path + field.name
      const twin = seen.get(field.oneof ?? field)
      if (twin !== undefined)
        invalid.push({ field: name, description: `is given besides ${twin}: only one can be meant` })
      seen.set(field.oneof ?? field, key)
      if (!isReadable(desc, key, value)) searchField(desc, field, value, name)
    }
  }

  function searchField(desc: DescMessage, field: DescField, value: JsonValue, name: string): void {
    const before = unknown.length + invalid.length
    for (const [suffix, item, alone] of partsOf(field, value)) {
      if (full()) return
      if (isReadable(desc, field.name, alone)) continue
      const inner = messageOf(field)
      if (inner !== undefined && isObject(item)) search(inner, item, `${name}${suffix}.`)
      else invalid.push({ field: name + suffix, description: expected(field, suffix !== '') })
    }
    // Nothing inside is at fault, so the whole is.
    if (before === unknown.length + invalid.length)
      invalid.push({ field: name, description: expected(field, false) })
  }

  if (isObject(json)) search(desc, json, '')
  return { unknown, invalid }
}

/** The value, or each item of a list or map: its place, itself, and the field's value if it stood there alone. */
function partsOf(field: DescField, value: JsonValue): readonly (readonly [string, JsonValue, JsonValue])[] {
  if (field.fieldKind === 'list')
    return Array.isArray(value) ? value.map((item, i) => [`[${i}]`, item, [item]]) : []
  if (field.fieldKind === 'map')
    return isObject(value)
      ? Object.entries(value).map(([key, item]) => [`[${key}]`, item, { [key]: item }])
      : []
  return [['', value, value]]
}

function isReadable(desc: DescMessage, key: string, value: JsonValue): boolean {
  try {
    fromJson(desc, { [key]: value })
    return true
  } catch {
    return false
  }
}

function isObject(json: JsonValue): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}

/** The message inside a field, unless its JSON has a form of its own. */
function messageOf(field: DescField): DescMessage | undefined {
  const inner = 'message' in field ? field.message : undefined
  return inner?.typeName.startsWith('google.protobuf.') ? undefined : inner
}

function expected(field: DescField, oneItem: boolean): string {
  if (field.fieldKind === 'list' && !oneItem) return 'must be a list'
  if (field.fieldKind === 'map' && !oneItem) return 'must be an object'
  if ('enum' in field && field.enum !== undefined)
    return `must be one of ${field.enum.values.map((value) => value.name).join(', ')}`
  if ('scalar' in field && field.scalar !== undefined) return expectedScalar(field.scalar)
  if ('message' in field && field.message?.typeName === 'google.protobuf.Timestamp')
    return 'must be a time like 2026-01-02T03:04:05Z'
  if ('message' in field && field.message?.typeName === 'google.protobuf.FieldMask')
    return 'must be names in lowerCamelCase between commas, as in "maxAttempts,endpointUrl"'
  return messageOf(field) === undefined ? 'cannot be read' : 'must be an object'
}

function expectedScalar(scalar: ScalarType): string {
  switch (scalar) {
    case ScalarType.STRING:
      return 'must be a string of Unicode text'
    case ScalarType.BOOL:
      return 'must be true or false'
    case ScalarType.BYTES:
      return 'must be a string of base64'
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return 'must be a number'
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
      return 'must be a whole number of 64 bits'
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return 'must be a whole number of 64 bits, not negative'
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
      return 'must be a whole number of 32 bits'
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return 'must be a whole number of 32 bits, not negative'
  }
}
