// The named schemas of the document. A message has one for each place that it stands in, made when the first reference to it is
// asked for; a name stands for one thing only.

import type { DescEnum, DescField, DescMessage, JsonObject } from '@bufbuild/protobuf'
import { commentOf } from './comment-of.ts'
import { sayableValues, wordOf } from './enum-words.ts'
import { fieldSchema, isRequiredIn, type Place, standsIn } from './field-schema.ts'
import type { References } from './value-schema.ts'

const suffixes = { output: '', input: 'Input', patch: 'Patch' } as const

type Section = 'schemas' | 'responses'

/** The schemas gathered so far, and references to them. */
export interface Components {
  /** A reference to a message as it stands in a place. */
  message(desc: DescMessage, place: Place): JsonObject
  /** A reference to a schema of one's own making. */
  named(name: string, make: () => JsonObject): JsonObject
  /** A reference to a response that several operations have. */
  response(name: string, make: () => JsonObject): JsonObject
  /** A message's object, to be put into another schema or under another name. */
  object(desc: DescMessage, place: Place, has?: (field: DescField) => boolean): JsonObject
  /** How the fields of a message in that place refer to what they hold. */
  references(place: Place): References
  /** All of a section, by name. */
  all(section: Section): JsonObject
}

interface Entry {
  readonly of: unknown
  made: JsonObject
}

/** An empty gathering. */
export function createComponents(): Components {
  const sections = { schemas: new Map<string, Entry>(), responses: new Map<string, Entry>() }

  function put(section: Section, name: string, of: unknown, make: () => JsonObject): JsonObject {
    const before = sections[section].get(name)
    if (before !== undefined && before.of !== of)
      throw new Error(`two of the ${section} would be called ${name}`)
    if (before === undefined) {
      // The name is taken before the schema is made: it may refer to itself.
      const entry: Entry = { of, made: {} }
      sections[section].set(name, entry)
      entry.made = make()
    }
    return { $ref: `#/components/${section}/${name}` }
  }

  const components: Components = {
    message: (desc, place) =>
      put('schemas', `${desc.name}${suffixes[place]}`, desc, () => components.object(desc, place)),
    named: (name, make) => put('schemas', name, name, make),
    response: (name, make) => put('responses', name, name, make),
    object: (desc, place, has = () => true) => {
      const fields = desc.fields.filter((field) => standsIn(field, place) && has(field))
      const required = fields.filter((field) => isRequiredIn(field, place)).map(({ name }) => name)
      const refer = components.references(place)
      return {
        type: 'object',
        description: commentOf(desc),
        ...(required.length > 0 && { required }),
        properties: Object.fromEntries(fields.map((field) => [field.name, fieldSchema(field, place, refer)])),
        // What a request has and the schema has not is refused; an answer may get further fields later.
        ...(place !== 'output' && { additionalProperties: false }),
      }
    },
    references: (place) => ({
      // A PATCH merges at the top only: what is inside is given whole.
      message: (desc) => components.message(desc, place === 'patch' ? 'input' : place),
      enum: (desc) => put('schemas', desc.name, desc, () => enumSchema(desc)),
    }),
    all: (section) => {
      const names = [...sections[section].keys()].sort()
      return Object.fromEntries(names.map((name) => [name, sections[section].get(name)?.made ?? {}]))
    },
  }
  return components
}

function enumSchema(desc: DescEnum): JsonObject {
  const values = sayableValues(desc)
  const lines = values.map((value) => `- \`${wordOf(value)}\`: ${commentOf(value)}`)
  return {
    type: 'string',
    description: [commentOf(desc), lines.join('\n')].join('\n\n'),
    enum: values.map(wordOf),
  }
}
