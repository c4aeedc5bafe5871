// One value of a field, wherever it stands: alone, in a list, in a map, in a path or a query.

import {
  type DescEnum,
  type DescField,
  type DescMessage,
  type JsonObject,
  ScalarType,
} from '@bufbuild/protobuf'

/** How messages and enums are referred to. */
export interface References {
  message(desc: DescMessage): JsonObject
  enum(desc: DescEnum): JsonObject
}

/** The schema of one value of a field. */
export function valueSchema(field: DescField, refer: References): JsonObject {
  if ('message' in field && field.message !== undefined) return messageValue(field.message, refer)
  if ('enum' in field && field.enum !== undefined) return refer.enum(field.enum)
  return scalarValue(field.scalar ?? ScalarType.STRING)
}

function messageValue(desc: DescMessage, refer: References): JsonObject {
  if (desc.typeName === 'google.protobuf.Timestamp') return { type: 'string', format: 'date-time' }
  if (desc.typeName.startsWith('google.'))
    throw new Error(`${desc.typeName} has no form in REST yet: give it one in ${import.meta.filename}`)
  return refer.message(desc)
}

/** Whole numbers of 64 bits are numbers with all their digits, not strings as in protobuf's own JSON. */
function scalarValue(scalar: ScalarType): JsonObject {
  switch (scalar) {
    case ScalarType.STRING:
      return { type: 'string' }
    case ScalarType.BOOL:
      return { type: 'boolean' }
    case ScalarType.BYTES:
      return { type: 'string', contentEncoding: 'base64' }
    case ScalarType.DOUBLE:
      return { type: 'number', format: 'double' }
    case ScalarType.FLOAT:
      return { type: 'number', format: 'float' }
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
      return { type: 'integer', format: 'int32' }
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return { type: 'integer', minimum: 0, maximum: 4_294_967_295 }
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
      return { type: 'integer', format: 'int64' }
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return { type: 'integer', minimum: 0 }
  }
}
