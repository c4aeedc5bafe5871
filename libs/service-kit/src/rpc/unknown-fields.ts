// Unknown fields are refused on every door: a misspelt field that is silently dropped is a job that does something else.

import { type DescMessage, isMessage, type Message } from '@bufbuild/protobuf'

/** The path of the first field of a decoded message that its schema does not know; in binary a field is known by its number. */
export function unknownBinaryField(desc: DescMessage, message: Message, path = ''): string | undefined {
  const first = message.$unknown?.[0]
  if (first !== undefined) return `${path}${first.no}`
  for (const field of desc.fields) {
    if (!('message' in field) || field.message === undefined) continue
    for (const [place, item] of messagesIn(heldIn(message, field))) {
      const found = unknownBinaryField(field.message, item, `${path}${field.name}${place}.`)
      if (found !== undefined) return found
    }
  }
  return undefined
}

/** What stands in a field; a member of a oneof stands in the oneof's own property. */
function heldIn(message: Message, field: DescMessage['fields'][number]): unknown {
  const values = message as unknown as Readonly<Record<string, unknown>>
  if (field.oneof === undefined) return values[field.localName]
  const held = values[field.oneof.localName] as { readonly case?: string; readonly value?: unknown }
  return held.case === field.localName ? held.value : undefined
}

/** The messages in a field's value, which may be one, a list or a map of them, each with its place. */
function messagesIn(value: unknown): readonly (readonly [string, Message])[] {
  if (isMessage(value)) return [['', value]]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, item]) =>
    isMessage(item) ? [[`[${key}]`, item] as const] : [],
  )
}
