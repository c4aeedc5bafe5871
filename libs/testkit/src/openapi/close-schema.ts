// The published schemas leave room for fields that answers may get later, as clients must. Tests leave none: a field that is not
// in the document is a field that nobody described.

/** A schema of the document, or a part of one. */
export type Schema = boolean | { readonly [keyword: string]: unknown }

const published = '#/components/schemas/'
const closedIn = '#/$defs/'

/** A schema that refuses what it does not name, its references turned to `$defs`. */
export function closeSchema(schema: Schema): Schema {
  return close(schema, false)
}

/** The named schemas for `$defs`. Whoever refers to one closes it: it may be a part of something larger. */
export function closeDefinitions(schemas: Readonly<Record<string, Schema>>): Record<string, Schema> {
  return mapValues(schemas, (schema) => close(schema, true))
}

/** What is a part of an `allOf` stays open: the other parts name fields too, and the whole is closed. */
function close(schema: Schema, isPart: boolean): Schema {
  if (typeof schema === 'boolean') return schema
  const closed = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, inside(key, value, isPart)]),
  )
  const isObject = '$ref' in schema || 'properties' in schema || 'allOf' in schema
  const isOpen = !isPart && isObject && !('additionalProperties' in schema)
  return isOpen ? { ...closed, unevaluatedProperties: false } : closed
}

function inside(keyword: string, value: unknown, isPart: boolean): unknown {
  switch (keyword) {
    case '$ref':
      return String(value).replace(published, closedIn)
    case 'properties':
      return mapValues(value as Record<string, Schema>, (schema) => close(schema, false))
    case 'items':
    case 'additionalProperties':
    case 'propertyNames':
      return close(value as Schema, false)
    case 'allOf':
      return (value as Schema[]).map((schema) => close(schema, true))
    case 'anyOf':
      return (value as Schema[]).map((schema) => close(schema, isPart))
    default:
      return value
  }
}

function mapValues<V, W>(record: Readonly<Record<string, V>>, change: (value: V) => W): Record<string, W> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]))
}
