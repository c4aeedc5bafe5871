// The query of a REST path, turned into the JSON form that protobuf reads. A parameter is a field of the request: a list is
// given by repeating it, a map by `tags[key]=value`, an enum by its word. What the method does not know is refused.

import type { DescField, DescMessage, JsonObject, JsonValue } from '@bufbuild/protobuf'
import { ScalarType } from '@bufbuild/protobuf'
import { type FieldViolation, Refusal } from '../refusal.ts'
import { enumWords, isWellKnown, shapeOf } from './shape.ts'

const maxParameters = 100
// As JSON writes one; protobuf's reader would take 0x10 too.
const numberText = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/

/** What a query holds. */
export interface QueryContent {
  readonly json: JsonObject
  readonly unknown: readonly FieldViolation[]
  readonly invalid: readonly FieldViolation[]
}

/** Reads a query (without its question mark); `isOpen` says which fields of the request may stand there. */
export function readQuery(
  desc: DescMessage,
  query: string,
  isOpen: (field: DescField) => boolean,
): QueryContent {
  const json: Record<string, JsonValue> = Object.create(null)
  const unknown: FieldViolation[] = []
  const invalid: FieldViolation[] = []
  const pairs = query === '' ? [] : query.split('&')
  if (pairs.length > maxParameters)
    throw new Refusal('FIELD_INVALID', `the query has more than ${maxParameters} parameters`)
  for (const pair of pairs) {
    if (pair === '') continue
    const [name, value] = readPair(pair)
    const [, bare = name, key] = /^([a-z0-9_]+)\[(.*)\]$/s.exec(name) ?? []
    const field = shapeOf(desc).fields.get(bare)
    if (
      field === undefined ||
      !isOpen(field) ||
      !isQueryable(field) ||
      (key !== undefined) !== (field.fieldKind === 'map')
    ) {
      unknown.push({ field: name, description: 'no such query parameter here' })
      continue
    }
    const problem = put(json, field, key, value)
    if (problem !== undefined) invalid.push({ field: name, description: problem })
  }
  return { json, unknown, invalid }
}

/** Puts one parameter into its place; answers what is wrong with it. */
function put(
  json: Record<string, JsonValue>,
  field: DescField,
  key: string | undefined,
  text: string,
): string | undefined {
  const value = readValue(field, text)
  if (value === undefined) return expectedIn(field)
  const before = json[field.name]
  if (field.fieldKind === 'list') {
    json[field.name] = [...((before as JsonValue[] | undefined) ?? []), value]
    return undefined
  }
  if (field.fieldKind === 'map') {
    const map = (before as Record<string, JsonValue> | undefined) ?? Object.create(null)
    if (Object.hasOwn(map, key ?? '')) return 'is given twice'
    map[key ?? ''] = value
    json[field.name] = map
    return undefined
  }
  if (before !== undefined) return 'is given twice'
  json[field.name] = value
  return undefined
}

/** A parameter as protobuf's JSON has it; undefined where it cannot be read. Numbers stay text, which keeps their digits. */
function readValue(field: DescField, text: string): JsonValue | undefined {
  if ('enum' in field && field.enum !== undefined) return enumWords(field.enum).names.get(text)
  if ('scalar' in field && field.scalar === ScalarType.BOOL)
    return text === 'true' ? true : text === 'false' ? false : undefined
  const isNumber = 'scalar' in field && field.scalar !== undefined && field.scalar !== ScalarType.STRING
  return isNumber && !numberText.test(text) ? undefined : text
}

function expectedIn(field: DescField): string {
  if ('enum' in field && field.enum !== undefined)
    return `must be one of ${[...enumWords(field.enum).names.keys()].join(', ')}`
  return 'scalar' in field && field.scalar === ScalarType.BOOL ? 'must be true or false' : 'must be a number'
}

/** A whole message has no place in a query, but a time has. */
function isQueryable(field: DescField): boolean {
  return !('message' in field) || field.message === undefined || isWellKnown(field.message)
}

function readPair(pair: string): readonly [name: string, value: string] {
  const at = pair.indexOf('=')
  const [name, value] = at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)]
  return [decode(name), decode(value)]
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch (cause) {
    throw new Refusal('FIELD_INVALID', 'the query is not percent-encoded UTF-8', { cause })
  }
}
