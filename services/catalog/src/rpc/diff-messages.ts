// In which fields two messages of one kind differ, told as REST would write their values. A map with other keys first is the same map, and
// so is a list whose items have names of their own (`steps` by `ref`) in another order: of such a list each item is told for itself.

import type { DescField, DescMessage, Message } from '@bufbuild/protobuf'
import { reflect } from '@bufbuild/protobuf/reflect'
import { writeField, writeJson } from '@strait/service-kit/rest/write-json'

/** One field in two messages, with the JSON text of its values; `null` where it is not set. */
export interface FieldDifference {
  readonly field: string
  readonly before: string
  readonly after: string
}

/** Which fields to compare, and how. */
export interface DiffRules {
  readonly fields: readonly DescField[]
  /** Lists whose items have names: list → the field of an item that names it. */
  readonly named?: Readonly<Record<string, string>>
}

const none = 'null'

/** Compares two messages, field by field in the order given. */
export function diffMessages(
  desc: DescMessage,
  before: Message,
  after: Message,
  { fields, named = {} }: DiffRules,
): readonly FieldDifference[] {
  return fields.flatMap((field) => {
    const name = named[field.name]
    if (name !== undefined && field.message !== undefined)
      return diffItems(field.name, itemsOf(field, name, before), itemsOf(field, name, after))
    const [was, is] = [textOf(desc, field, before), textOf(desc, field, after)]
    return was === is ? [] : [{ field: field.name, before: was, after: is }]
  })
}

function textOf(desc: DescMessage, field: DescField, message: Message): string {
  if (field.fieldKind === 'map') return sortedMap(field, message)
  // A list without items is written as one; anything else that is not set, an empty text without presence too, as none.
  const isThere = field.fieldKind === 'list' || reflect(desc, message).isSet(field)
  return isThere ? writeField(field, message) : none
}

/** The members in one order, so that equal maps are equal texts. */
function sortedMap(field: DescField, message: Message): string {
  const map = (message as unknown as Record<string, Record<string, unknown>>)[field.localName] ?? {}
  const sorted = Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)))
  return writeField(field, { ...message, [field.localName]: sorted } as Message)
}

/** The items of a list as texts, by their names. */
function itemsOf(field: DescField, name: string, message: Message): ReadonlyMap<string, string> {
  const desc = field.message as DescMessage
  const key = desc.fields.find((one) => one.name === name)?.localName ?? name
  const items = (message as unknown as Record<string, readonly Message[]>)[field.localName] ?? []
  return new Map(
    items.map((item) => [String((item as unknown as Record<string, unknown>)[key]), writeJson(desc, item)]),
  )
}

function diffItems(
  list: string,
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): FieldDifference[] {
  const names = new Set([...after.keys(), ...before.keys()])
  return [...names].flatMap((name) => {
    const [was, is] = [before.get(name) ?? none, after.get(name) ?? none]
    return was === is ? [] : [{ field: `${list}[${name}]`, before: was, after: is }]
  })
}
