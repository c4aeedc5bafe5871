// Bounds and defaults that a field's comment tells in the usual words. A bound that is told in other words stays text: the
// document may say less than the code checks, never more.

import { type DescField, type JsonObject, type JsonValue, ScalarType } from '@bufbuild/protobuf'
import { wordsOf } from './enum-words.ts'

const count = '(\\d{1,3}(?:,\\d{3})*)'
const range = new RegExp(`(?<![\\w.,])${count} to ${count}(?= |[.,;(]|$)`)
const upTo = new RegExp(`\\bup to ${count}(?= |[.,;]|$)`)
const atMostCharacters = new RegExp(`\\bat most ${count} characters`, 'i')
const rangeOfCharacters = new RegExp(`(?<![\\w.,])${count} to ${count} characters`)
const atMostEntries = new RegExp(`(?:^|\\. )At most ${count}(?: entries)?[.,;]`)
const lengthsOfEntries = new RegExp(
  `\\bkeys (?:(?:${count} to )|up to )${count} and values up to ${count} characters`,
)
const entriesOf = new RegExp(`(?<![\\w.,])${count} to ${count} entries of ${count} to ${count}(?=[.,;])`)
const wholePattern = /`(\^[^`]+\$)`/
const toldDefault = /\bDefault: (\d{1,3}(?:,\d{3})*|true|false|""|"[^"]*"|[a-z_]+)[.,;]/

/** Keywords of JSON Schema for what a field's comment bounds. */
export function boundsOf(field: DescField, comment: string): JsonObject {
  switch (field.fieldKind) {
    case 'scalar':
      return scalarBounds(field.scalar, comment)
    case 'list':
      return listBounds(comment)
    case 'map':
      return mapBounds(comment)
    default:
      return {}
  }
}

function scalarBounds(scalar: ScalarType, comment: string): JsonObject {
  if (scalar === ScalarType.INT32 || scalar === ScalarType.INT64) {
    const [, minimum, maximum] = range.exec(comment) ?? []
    if (minimum !== undefined) return { minimum: toNumber(minimum), maximum: toNumber(maximum) }
    const [, top] = upTo.exec(comment) ?? []
    return top === undefined ? {} : { minimum: 0, maximum: toNumber(top) }
  }
  if (scalar !== ScalarType.STRING) return {}
  const [, pattern] = wholePattern.exec(comment) ?? []
  return { ...lengthOf(comment), ...(pattern !== undefined && { pattern }) }
}

function lengthOf(comment: string): JsonObject {
  const [, minLength, maxLength] = rangeOfCharacters.exec(comment) ?? []
  if (minLength !== undefined) return { minLength: toNumber(minLength), maxLength: toNumber(maxLength) }
  const [, most] = atMostCharacters.exec(comment) ?? []
  return most === undefined ? {} : { maxLength: toNumber(most) }
}

function listBounds(comment: string): JsonObject {
  const [, , maxItems, minimum, maximum] = entriesOf.exec(comment) ?? []
  if (maxItems !== undefined)
    // Such a list may be absent, and an answer shows an absent list as an empty one: no lower bound.
    return {
      maxItems: toNumber(maxItems),
      items: { minimum: toNumber(minimum), maximum: toNumber(maximum) },
    }
  const [, most] = atMostEntries.exec(comment) ?? []
  return most === undefined ? {} : { maxItems: toNumber(most) }
}

function mapBounds(comment: string): JsonObject {
  const [, most] = atMostEntries.exec(comment) ?? []
  if (most === undefined) return {}
  const [, shortest, longest, value] = lengthsOfEntries.exec(comment) ?? []
  return {
    maxProperties: toNumber(most),
    ...(longest !== undefined && {
      propertyNames: {
        ...(shortest !== undefined && { minLength: toNumber(shortest) }),
        maxLength: toNumber(longest),
      },
      additionalProperties: { maxLength: toNumber(value) },
    }),
  }
}

/** The value that a field has when it is left out, where the comment names it plainly. */
export function defaultOf(field: DescField, comment: string): JsonValue | undefined {
  const [, told] = toldDefault.exec(comment) ?? []
  if (told === undefined) return undefined
  if (field.fieldKind === 'enum') return wordsOf(field.enum).includes(told) ? told : undefined
  if (field.fieldKind !== 'scalar') return undefined
  switch (field.scalar) {
    case ScalarType.BOOL:
      return told === 'true' ? true : told === 'false' ? false : undefined
    case ScalarType.INT32:
    case ScalarType.INT64:
      return /^\d/.test(told) ? toNumber(told) : undefined
    case ScalarType.STRING:
      return told.startsWith('"') ? told.slice(1, -1) : undefined
    default:
      return undefined
  }
}

function toNumber(digits: string | undefined): number {
  return Number(digits?.replaceAll(',', ''))
}
