// How REST names and shows what a schema has: fields by their names in the proto, enum values as lower-case words, JSON text
// as what it is. Worked out once for each message.

import { type DescEnum, type DescField, type DescMessage, getOption, hasOption } from '@bufbuild/protobuf'
import { json_text } from '@strait/contracts/options/v1/options_pb'

/** One message as REST sees it. */
export interface Shape {
  readonly fields: ReadonlyMap<string, DescField>
}

const shapes = new WeakMap<DescMessage, Shape>()
const jsonTexts = new WeakMap<DescField, boolean>()
const wordsOfEnums = new WeakMap<DescEnum, EnumWords>()

/** The fields of a message by the names that REST knows them by, and by no others. */
export function shapeOf(desc: DescMessage): Shape {
  const known = shapes.get(desc)
  if (known !== undefined) return known
  const shape = { fields: new Map(desc.fields.map((field) => [field.name, field])) }
  shapes.set(desc, shape)
  return shape
}

/** Whether a field is JSON text, which REST shows inline. */
export function isJsonText(field: DescField): boolean {
  const known = jsonTexts.get(field)
  if (known !== undefined) return known
  // Reading an option decodes it anew each time.
  const is = hasOption(field, json_text) && getOption(field, json_text)
  jsonTexts.set(field, is)
  return is
}

/** The words of an enum. */
export interface EnumWords {
  /** Word → name in the schema. */
  readonly names: ReadonlyMap<string, string>
  /** Number → word. The zero value, which is never shown, has none. */
  readonly words: ReadonlyMap<number, string>
}

/** The words of an enum: its values' names in lower case, without what they share with it. */
export function enumWords(desc: DescEnum): EnumWords {
  const known = wordsOfEnums.get(desc)
  if (known !== undefined) return known
  const values = desc.values
    .filter(({ number }) => number !== 0)
    .map(({ number, name, localName }) => ({ number, name, word: localName.toLowerCase() }))
  const words: EnumWords = {
    names: new Map(values.map(({ word, name }) => [word, name])),
    words: new Map(values.map(({ number, word }) => [number, word])),
  }
  wordsOfEnums.set(desc, words)
  return words
}

/** Whether a message has a JSON form of its own, such as a time. */
export function isWellKnown(desc: DescMessage): boolean {
  return desc.typeName.startsWith('google.protobuf.')
}
