// A job's fields as each door has them. The table of cases speaks the domain's words: on Connect enums have the names of the
// schema and JSON is text, in REST enums are words and JSON stands inline.

import { isDeepStrictEqual } from 'node:util'
import { create, type DescField, fromJson, type JsonObject, type JsonValue, toJson } from '@bufbuild/protobuf'
import { type Job, JobSchema } from '@strait/contracts/catalog/v1/job_pb'
import { isJsonText } from '@strait/service-kit/rest/shape'
import type { JobInput } from '../src/domain/jobs/job-input.ts'

type Fields = Readonly<Record<string, unknown>>

const fieldOf = (key: string): DescField => {
  const field = JobSchema.fields.find((one) => one.localName === key)
  if (field === undefined) throw new Error(`the schema has no ${key}`)
  return field
}

const enumOf = (field: DescField) => (field.fieldKind === 'enum' ? field.enum : undefined)

/** A word as proto JSON has it; a number where the schema has no such word. */
function enumName(field: DescField, word: string): JsonValue {
  const value = enumOf(field)?.values.find((one) => one.localName.toLowerCase() === word)
  return value?.name ?? Number(word)
}

/** Connect with JSON. */
export const inConnectJson = {
  write(fields: JobInput): JsonObject {
    const entries = Object.entries(fields).map(([key, value]): [string, JsonValue] => {
      const field = fieldOf(key)
      return [key, enumOf(field) === undefined ? (value as JsonValue) : enumName(field, String(value))]
    })
    return Object.fromEntries(entries)
  },
  read(answer: Fields, keys: readonly string[]): Fields {
    return this.fromMessage(fromJson(JobSchema, answer as JsonObject), keys)
  },
  toMessage(fields: JobInput): Partial<Omit<Job, '$typeName' | '$unknown'>> {
    const { $typeName: _, $unknown: __, ...message } = fromJson(JobSchema, this.write(fields))
    const given = new Set(Object.keys(fields))
    return Object.fromEntries(Object.entries(message).filter(([key]) => given.has(key)))
  },
  fromMessage(message: Job, keys: readonly string[]): Fields {
    const json = toJson(JobSchema, create(JobSchema, message)) as JsonObject
    const shown = keys.filter((key) => key !== 'webhookSecret')
    return Object.fromEntries(
      shown.map((key) => {
        const values = enumOf(fieldOf(key))?.values
        const value = json[key]
        const word = values?.find((one) => one.name === value)?.localName.toLowerCase()
        // Proto JSON leaves out what is empty.
        return [key, word ?? value ?? message[key as keyof Job]]
      }),
    )
  },
}

/** REST: the text of a body, for JSON text is inline there, byte for byte. */
export const inRest = {
  write(fields: JobInput): string {
    const members = Object.entries(fields).map(([key, value]) => {
      const field = fieldOf(key)
      const text = isJsonText(field) ? String(value) : JSON.stringify(restValue(value))
      return `${JSON.stringify(field.name)}:${text}`
    })
    return `{${members.join(',')}}`
  },
  /** What an answer shows of fields: their values, and the text of JSON that stands inline. */
  shows(answer: string, fields: JobInput): boolean {
    const shown = JSON.parse(answer) as Fields
    return Object.entries(fields).every(([key, value]) => {
      const field = fieldOf(key)
      if (key === 'webhookSecret') return shown.webhook_secret_set === true && !(field.name in shown)
      if (isJsonText(field)) return answer.includes(`"${field.name}":${String(value)}`)
      return isDeepStrictEqual(shown[field.name], restValue(value))
    })
  },
}

/** The names inside a message of a list are those of the schema too. */
function restValue(value: unknown): unknown {
  if (!Array.isArray(value)) return value
  return value.map((each: unknown) => {
    if (typeof each !== 'object' || each === null) return each
    const { windowSecs, ...more } = each as { windowSecs: number }
    return { ...more, window_secs: windowSecs }
  })
}
