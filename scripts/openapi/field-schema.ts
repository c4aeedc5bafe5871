// A field as callers give it and as answers show it.

import { type DescField, getOption, hasOption, type JsonObject, type JsonValue } from '@bufbuild/protobuf'
import { FeatureSet_FieldPresence } from '@bufbuild/protobuf/wkt'
import { input_only, json_text } from '@strait/contracts/options/v1/options_pb'
import { boundsOf, defaultOf } from './bounds-of.ts'
import { commentOf } from './comment-of.ts'
import { describe, isOutputOnly, isRequired } from './prose.ts'
import { type References, valueSchema } from './value-schema.ts'

/** Where a message stands: in an answer, in a request, or in the body of a PATCH, where null clears. */
export type Place = 'output' | 'input' | 'patch'

const inline = 'Over REST it stands inline, as JSON and not as a string.'

/** Whether a field stands in that place at all. What is output only may be sent back and is ignored, save by a PATCH. */
export function standsIn(field: DescField, place: Place): boolean {
  if (isUpdateMask(field)) return false
  if (place === 'output') return !isInputOnly(field)
  return place === 'input' || !isOutputOnly(commentOf(field))
}

/** Over REST the mask is the set of the fields that the body has. */
export function isUpdateMask(field: DescField): boolean {
  return field.message?.typeName === 'google.protobuf.FieldMask'
}

/** Whether a field must be there: answers show every one. */
export function isRequiredIn(field: DescField, place: Place): boolean {
  if (place === 'output') return true
  return place === 'input' && isRequired(commentOf(field))
}

/** The schema of a field. */
export function fieldSchema(field: DescField, place: Place, refer: References): JsonObject {
  const comment = commentOf(field)
  const isJson = isJsonText(field)
  const shape = isJson ? {} : shapeOf(field, comment, refer)
  const fallback = place === 'input' ? defaultOf(field, comment) : undefined
  return {
    ...(!isJson && isNullable(field, comment, place) ? orNull(shape) : shape),
    description: isJson ? `${describe(comment)} ${inline}` : describe(comment),
    ...(isOutputOnly(comment) && { readOnly: true }),
    ...(isInputOnly(field) && { writeOnly: true }),
    ...(fallback !== undefined && { default: fallback }),
  }
}

/** Whether a field is taken and never shown. */
function isInputOnly(field: DescField): boolean {
  return hasOption(field, input_only) && getOption(field, input_only)
}

/** Whether a field is JSON text, which REST shows as what it is. */
export function isJsonText(field: DescField): boolean {
  return hasOption(field, json_text) && getOption(field, json_text)
}

/** The shape of a field that is not null. */
export function shapeOf(field: DescField, comment: string, refer: References): JsonObject {
  const value = valueSchema(field, refer)
  const bounds = boundsOf(field, comment)
  if (field.fieldKind === 'list')
    return { type: 'array', ...bounds, items: { ...value, ...objectIn(bounds.items) } }
  if (field.fieldKind === 'map')
    return {
      type: 'object',
      ...bounds,
      additionalProperties: { ...value, ...objectIn(bounds.additionalProperties) },
    }
  return { ...value, ...bounds }
}

function objectIn(value: JsonValue | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}
}

/** What has presence is null when unset; in a PATCH null clears whatever need not be there. */
function isNullable(field: DescField, comment: string, place: Place): boolean {
  const hasPresence = field.presence !== FeatureSet_FieldPresence.IMPLICIT
  if (place === 'output') return hasPresence && !isList(field)
  if (isRequired(comment)) return false
  return place === 'patch' || (hasPresence && !isList(field))
}

function isList(field: DescField): boolean {
  return field.fieldKind === 'list' || field.fieldKind === 'map'
}

function orNull(shape: JsonObject): JsonObject {
  const { type } = shape
  return typeof type === 'string' ? { ...shape, type: [type, 'null'] } : { anyOf: [shape, { type: 'null' }] }
}
