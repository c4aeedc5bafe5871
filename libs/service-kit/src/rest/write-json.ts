// Messages as REST shows them: every field is there, the unset ones as null; names and words as in the documentation; JSON text
// inline, byte for byte; whole numbers with all their digits. It writes text and builds no values, so nothing passes through
// a double. What a field needs is worked out once for each message.

import {
  type DescField,
  type DescMessage,
  getOption,
  hasOption,
  type Message,
  ScalarType,
  toJson,
} from '@bufbuild/protobuf'
import { base64Encode } from '@bufbuild/protobuf/wire'
import { type Timestamp, TimestampSchema, timestampMs } from '@bufbuild/protobuf/wkt'
import { input_only } from '@strait/contracts/options/v1/options_pb'
import { enumWords, isJsonText, isWellKnown } from './shape.ts'

type WriteValue = (value: never) => string
type Values = Readonly<Record<string, unknown>>

interface FieldWriter {
  readonly key: string
  readonly read: (message: Values) => unknown
  readonly write: WriteValue
}

const writers = new WeakMap<DescMessage, readonly FieldWriter[]>()

/** A message as JSON text. */
export function writeJson(desc: DescMessage, message: Message): string {
  return `{${writeFields(desc, message)}}`
}

/** One field's value as JSON text; null where it is not set, or never shown. */
export function writeField(desc: DescMessage, message: Message, name: string): string {
  const writer = writersOf(desc).find(({ key }) => key === name)
  const value = writer?.read(message as unknown as Values)
  return value === undefined || writer === undefined ? 'null' : writer.write(value as never)
}

/** The members of a message's object, but for the field named; without the braces, so that others can stand beside them. */
export function writeFields(desc: DescMessage, message: Message, except?: string): string {
  let text = ''
  for (const { key, read, write } of writersOf(desc)) {
    if (key === except) continue
    const value = read(message as unknown as Values)
    const written = value === undefined ? 'null' : write(value as never)
    text += `${text === '' ? '' : ','}"${key}":${written}`
  }
  return text
}

function writersOf(desc: DescMessage): readonly FieldWriter[] {
  const known = writers.get(desc)
  if (known !== undefined) return known
  const made = desc.fields.filter(isShown).map((field) => ({
    key: field.name,
    read: readerOf(field),
    write: writerOf(field),
  }))
  writers.set(desc, made)
  return made
}

/** What is only taken is not even shown as absent. */
function isShown(field: DescField): boolean {
  return !(hasOption(field, input_only) && getOption(field, input_only))
}

function readerOf(field: DescField): FieldWriter['read'] {
  const { localName, oneof } = field
  if (oneof === undefined) return (message) => message[localName]
  return (message) => {
    const held = message[oneof.localName] as { readonly case?: string; readonly value?: unknown }
    return held.case === localName ? held.value : undefined
  }
}

function writerOf(field: DescField): WriteValue {
  switch (field.fieldKind) {
    case 'list': {
      const write = itemWriter(field)
      return (items: readonly never[]) => `[${items.map(write).join(',')}]`
    }
    case 'map': {
      const write = itemWriter(field)
      return (map: Readonly<Record<string, never>>) =>
        `{${Object.entries(map)
          .map(([key, item]) => `${JSON.stringify(key)}:${write(item)}`)
          .join(',')}}`
    }
    default:
      // An empty text is no JSON: it stands for none.
      if (isJsonText(field)) return (text: string) => (text === '' ? 'null' : text)
      return itemWriter(field)
  }
}

/** How one value of a field is written, wherever it stands. */
function itemWriter(field: DescField): WriteValue {
  if ('message' in field && field.message !== undefined) {
    const { message: desc } = field
    if (desc === TimestampSchema) return writeTime
    if (isWellKnown(desc)) return (value: Message) => JSON.stringify(toJson(desc, value))
    return (value: Message) => writeJson(desc, value)
  }
  if ('enum' in field && field.enum !== undefined) {
    const { words } = enumWords(field.enum)
    return (value: number) => JSON.stringify(words.get(value) ?? null)
  }
  return scalarWriter('scalar' in field ? field.scalar : undefined)
}

/** A time to the millisecond is what nearly every one is, and half of what a run is made of. */
function writeTime(time: Timestamp): string {
  if (time.nanos % 1_000_000 !== 0) return JSON.stringify(toJson(TimestampSchema, time))
  return `"${new Date(timestampMs(time)).toISOString()}"`
}

function scalarWriter(scalar: ScalarType | undefined): WriteValue {
  switch (scalar) {
    case ScalarType.BYTES:
      return (value: Uint8Array) => `"${base64Encode(value)}"`
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      // JSON has no word for what is no number.
      return (value: number) => JSON.stringify(Number.isFinite(value) ? value : null)
    case ScalarType.STRING:
    case ScalarType.BOOL:
      return (value: string | boolean) => JSON.stringify(value)
    default:
      return (value: number | bigint) => String(value)
  }
}
