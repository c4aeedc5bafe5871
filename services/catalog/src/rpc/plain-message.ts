// Messages as plain data and back, by the schema: a field of the one is the field of the same name of the other. What is not set is not
// there; an enum's value is its lower-case word, or its number in words where the schema knows none; of a oneof, what is set lies under the
// oneof's name with its field's name as `kind`. So what checks and decides knows words and data, and nothing of messages.

import {
  create,
  type DescEnum,
  type DescField,
  type DescMessage,
  type Message,
  type MessageInitShape,
} from '@bufbuild/protobuf'
import { reflect } from '@bufbuild/protobuf/reflect'

type Plain = Readonly<Record<string, unknown>>

/** Reads the fields of a message that are set, or those of them that are named. */
export function readPlain(
  desc: DescMessage,
  message: Message,
  fields: readonly DescField[] = desc.fields,
): Record<string, unknown> {
  const reflected = reflect(desc, message)
  const values = message as unknown as Plain
  const plain = fields.flatMap((field) => {
    if (!reflected.isSet(field)) return []
    const { oneof, localName } = field
    if (oneof === undefined) return [[localName, readField(field, values[localName])] as const]
    const { value } = values[oneof.localName] as { readonly value: unknown }
    return [[oneof.localName, { kind: localName, ...(readField(field, value) as object) }] as const]
  })
  return Object.fromEntries(plain)
}

/** Makes what a message is created from; what is undefined is not set. */
export function writePlain<D extends DescMessage>(desc: D, plain: object): MessageInitShape<D> {
  const values = plain as Plain
  const entries = desc.fields.flatMap((field) => {
    const { oneof, localName } = field
    if (oneof === undefined) {
      const value = values[localName]
      return value === undefined ? [] : [[localName, writeField(field, value)] as const]
    }
    const { kind, ...held } = values[oneof.localName] as { readonly kind: string }
    return kind === localName
      ? [[oneof.localName, { case: kind, value: writeField(field, held) }] as const]
      : []
  })
  return Object.fromEntries(entries) as MessageInitShape<D>
}

function readField(field: DescField, value: unknown): unknown {
  const one = (item: unknown) => {
    if (field.enum !== undefined) return enumWord(field.enum, Number(item))
    return field.message === undefined ? item : readPlain(field.message, item as Message)
  }
  if (field.fieldKind === 'list') return (value as readonly unknown[]).map(one)
  if (field.fieldKind === 'map') return mapValues(value as Plain, one)
  return one(value)
}

function writeField(field: DescField, value: unknown): unknown {
  const one = (item: unknown) => {
    if (field.enum !== undefined) return enumNumber(field.enum, String(item))
    return field.message === undefined
      ? item
      : create(field.message, writePlain(field.message, item as object))
  }
  if (field.fieldKind === 'list') return (value as readonly unknown[]).map(one)
  if (field.fieldKind === 'map') return mapValues(value as Plain, one)
  return one(value)
}

/** The entries are the new object's own, whatever their keys are called. */
function mapValues(map: Plain, one: (value: unknown) => unknown): Plain {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, one(value)]))
}

function enumWord(desc: DescEnum, number: number): string {
  const value = desc.values.find((one) => one.number === number)
  return value?.localName.toLowerCase() ?? String(number)
}

function enumNumber(desc: DescEnum, word: string): number {
  const value = desc.values.find((one) => one.localName.toLowerCase() === word)
  if (value === undefined) throw new Error(`${desc.name} has no value ${word}`)
  return value.number
}
