// A body as REST takes it, turned into the JSON form that protobuf reads: JSON text becomes a string with the exact slice of
// the body, words become the names of enum values, null becomes absence. One pass over the text, guided by the schema: what is
// inside JSON text is scanned, never built. Fields have one name here, and one only.

import type { DescField, DescMessage, JsonObject, JsonValue } from '@bufbuild/protobuf'
import { ScalarType } from '@bufbuild/protobuf'
import { addKey, noKeys } from '@strait/domain/json/keys-seen'
import { parseJson } from '@strait/domain/json/parse-json'
import { beginScan, fail, type Scan, skipSpace } from '@strait/domain/json/scan'
import { openKey, scanString } from '@strait/domain/json/scan-string'
import { scanValue } from '@strait/domain/json/scan-value'
import { type FieldViolation, Refusal, refuseFields } from '../refusal.ts'
import { maxBodyDepth } from '../rpc/decode.ts'
import { enumWords, isJsonText, isWellKnown, shapeOf } from './shape.ts'

const quote = 0x22
const comma = 0x2c
const colon = 0x3a
const openArray = 0x5b
const closeArray = 0x5d
const openObject = 0x7b
const closeObject = 0x7d

/** More than anybody mends at once. */
const maxFaults = 20

/** What a body holds. */
export interface BodyContent {
  /** For protobuf's JSON reader, under the names of the schema. */
  readonly json: JsonObject
  /** The fields that the body names, a null included. */
  readonly present: readonly string[]
  readonly unknown: readonly FieldViolation[]
  readonly invalid: readonly FieldViolation[]
}

/** How a body is read. */
export interface BodyRules {
  /** What goes before the names of fields in refusals, for example `job.`. */
  readonly prefix: string
  /** Whether null in the place of JSON text is a value: in a request it is, in a resource it says that there is none. */
  readonly nullIsJson: boolean
}

/** Reads a body. What is no strict JSON is refused at once; what the schema does not know or read is gathered. */
export function readJson(desc: DescMessage, text: string, rules: BodyRules): BodyContent {
  const scan = beginScan(text, maxBodyDepth)
  const reader = createReader(scan, rules)
  const json = skipSpace(scan) === openObject ? reader.message(desc, rules.prefix, 0) : undefined
  if (json === undefined && scan.failure === undefined) {
    if (scanValue(scan, 0) && scan.at === text.length) throw malformed('is not an object')
  }
  if (scan.failure !== undefined) throw malformed(`${scan.failure.message}`)
  skipSpace(scan)
  if (scan.at < text.length) throw malformed(`has text behind its end at character ${scan.at + 1}`)
  return { json: json ?? {}, present: reader.present, unknown: reader.unknown, invalid: reader.invalid }
}

function malformed(words: string): Refusal {
  return new Refusal('BODY_MALFORMED', `the body is no JSON object to be read here: it ${words}`)
}

/** What is wrong inside JSON text is the field's, as on the doors where it comes as a string. */
function unreadable(field: string, { failure }: Scan): Refusal {
  return refuseFields('FIELD_INVALID', [{ field, description: failure?.message ?? 'is no JSON' }])
}

function createReader(scan: Scan, { nullIsJson }: BodyRules) {
  const present: string[] = []
  const unknown: FieldViolation[] = []
  const invalid: FieldViolation[] = []
  const isFull = () => unknown.length + invalid.length >= maxFaults
  const blame = (field: string, description: string) => {
    if (!isFull()) invalid.push({ field, description })
  }

  /** The value at hand as text; undefined where it is no JSON. */
  function slice(depth: number): string | undefined {
    skipSpace(scan)
    const start = scan.at
    if (!scanValue(scan, depth)) return undefined
    let end = scan.at
    while (' \t\r\n'.includes(scan.text.charAt(end - 1))) end -= 1
    return scan.text.slice(start, end)
  }

  /** Goes through the members of the object at hand; false where it is no JSON. */
  function members(depth: number, member: (key: string) => boolean): boolean {
    if (depth > scan.maxDepth) return fail(scan, 'TOO_DEEP', `is more than ${scan.maxDepth} levels deep`)
    scan.at += 1
    const keys = noKeys()
    if (skipSpace(scan) === closeObject) return pass()
    while (true) {
      if (skipSpace(scan) !== quote) return fail(scan, 'INVALID_JSON', 'expects a key')
      const start = scan.at
      if (!scanString(scan)) return false
      const key = openKey(scan.text.slice(start, scan.at))
      if (!addKey(keys, key)) return fail(scan, 'DUPLICATE_KEY', `has the key ${show(key.slice(1))} twice`)
      if (skipSpace(scan) !== colon) return fail(scan, 'INVALID_JSON', 'expects a colon')
      scan.at += 1
      if (!member(key.slice(1))) return false
      const code = skipSpace(scan)
      if (code === closeObject) return pass()
      if (code !== comma) return fail(scan, 'INVALID_JSON', 'expects a comma or }')
      scan.at += 1
    }
  }

  function pass(): true {
    scan.at += 1
    return true
  }

  function message(desc: DescMessage, prefix: string, depth: number): JsonObject | undefined {
    const json: Record<string, JsonValue> = Object.create(null)
    const { fields } = shapeOf(desc)
    const whole = members(depth + 1, (key) => {
      const field = fields.get(key)
      if (field === undefined) {
        if (!isFull()) unknown.push({ field: `${prefix}${key}`, description: 'no such field' })
        return slice(depth + 1) !== undefined
      }
      if (depth === 0) present.push(key)
      const value = fieldValue(field, `${prefix}${key}`, depth + 1)
      if (value !== undefined && value !== null) json[key] = value
      return scan.failure === undefined
    })
    return whole ? json : undefined
  }

  function fieldValue(field: DescField, path: string, depth: number): JsonValue | undefined {
    if (isJsonText(field) && field.fieldKind === 'scalar') {
      const text = slice(depth)
      if (text === undefined) throw unreadable(path, scan)
      return text === 'null' && !nullIsJson ? null : text
    }
    const code = skipSpace(scan)
    if (field.fieldKind === 'list' && code === openArray) return list(field, path, depth)
    if (field.fieldKind === 'map' && code === openObject) return map(field, path, depth)
    if (field.fieldKind !== 'list' && field.fieldKind !== 'map') return item(field, path, depth)
    const text = slice(depth)
    if (text !== undefined && text !== 'null')
      blame(path, field.fieldKind === 'list' ? 'must be a list' : 'must be an object')
    return undefined
  }

  function list(field: DescField, path: string, depth: number): JsonValue | undefined {
    if (depth >= scan.maxDepth) {
      fail(scan, 'TOO_DEEP', `is more than ${scan.maxDepth} levels deep`)
      return undefined
    }
    const items: JsonValue[] = []
    scan.at += 1
    if (skipSpace(scan) === closeArray) {
      pass()
      return items
    }
    while (true) {
      const place = `${path}[${items.length}]`
      const value = item(field, place, depth + 1)
      if (scan.failure !== undefined) return undefined
      if (value === null) blame(place, 'must not be null')
      items.push(value ?? null)
      const code = skipSpace(scan)
      if (code === closeArray) {
        pass()
        return items
      }
      if (code !== comma) {
        fail(scan, 'INVALID_JSON', 'expects a comma or ]')
        return undefined
      }
      scan.at += 1
    }
  }

  function map(field: DescField, path: string, depth: number): JsonValue | undefined {
    const json: Record<string, JsonValue> = Object.create(null)
    const whole = members(depth + 1, (key) => {
      const place = `${path}[${show(key)}]`
      const value = item(field, place, depth + 1)
      if (value === null) blame(place, 'must not be null')
      if (value !== undefined && value !== null) json[key] = value
      return scan.failure === undefined
    })
    return whole ? json : undefined
  }

  /** One value of a field; null for null, undefined for what is no JSON or was blamed. */
  function item(field: DescField, path: string, depth: number): JsonValue | undefined {
    const inner = 'message' in field ? field.message : undefined
    if (inner !== undefined && !isWellKnown(inner) && skipSpace(scan) === openObject)
      return message(inner, `${path}.`, depth)
    const text = slice(depth)
    if (text === undefined) return undefined
    if (text === 'null') return null
    if (inner !== undefined && !isWellKnown(inner)) return blamed(path, 'must be an object')
    if ('enum' in field && field.enum !== undefined) return word(field.enum, text, path)
    return scalar('scalar' in field ? field.scalar : undefined, text, path)
  }

  function word(desc: Parameters<typeof enumWords>[0], text: string, path: string): JsonValue | undefined {
    const { names } = enumWords(desc)
    const value: unknown = parseJson(text)
    const name = typeof value === 'string' ? names.get(value) : undefined
    return name ?? blamed(path, `must be one of ${[...names.keys()].join(', ')}`)
  }

  function blamed(path: string, description: string): undefined {
    blame(path, description)
    return undefined
  }

  /** A number keeps its digits; what is written as a string is no number, save where a double could not hold it. */
  function scalar(type: ScalarType | undefined, text: string, path: string): JsonValue | undefined {
    const isText = text.startsWith('"')
    if (type !== undefined && wideNumbers.has(type)) return isText ? (parseJson(text) as string) : text
    if (type !== undefined && numbers.has(type) && isText)
      return blamed(path, 'must be a number, not a string')
    return parseJson(text) as JsonValue
  }

  return { message, present, unknown, invalid }
}

const wideNumbers: ReadonlySet<ScalarType> = new Set([
  ScalarType.INT64,
  ScalarType.UINT64,
  ScalarType.SINT64,
  ScalarType.FIXED64,
  ScalarType.SFIXED64,
])
const numbers: ReadonlySet<ScalarType> = new Set([
  ScalarType.DOUBLE,
  ScalarType.FLOAT,
  ScalarType.INT32,
  ScalarType.UINT32,
  ScalarType.SINT32,
  ScalarType.FIXED32,
  ScalarType.SFIXED32,
])

/** A key for a sentence, of bounded length. */
function show(key: string): string {
  return JSON.stringify(key.length > 80 ? `${key.slice(0, 79)}…` : key).toWellFormed()
}
