// One request, through any of the doors. What a door cannot carry (half a surrogate pair in a binary text) goes through the one that can.

import {
  create,
  type DescMessage,
  type DescMethod,
  fromJson,
  type JsonObject,
  type JsonValue,
  toBinary,
} from '@bufbuild/protobuf'
import { type RestRoute, restRoutes } from '@strait/contracts/rest-routes'

/** What came back. */
export interface Came {
  readonly status: number
  readonly text: string
}

/** Through which door a request goes. */
export type Door = 'json' | 'binary' | 'rest'

/** Where, and as whom. */
export interface Caller {
  readonly baseUrl: string
  readonly key: string
}

/** Sends a request and waits for what comes. */
export async function callThrough(
  door: Door,
  caller: Caller,
  method: DescMethod,
  json: object,
): Promise<Came> {
  const [route] = restRoutes([method.parent]).filter((each) => each.method === method)
  if (door === 'rest' && route !== undefined) return rest(caller, route, json)
  const bytes = door === 'binary' ? asBinary(method, json) : undefined
  const path = `/${method.parent.typeName}/${method.name}`
  if (bytes !== undefined) return send(caller, 'POST', path, 'application/proto', bytes)
  return send(caller, 'POST', path, 'application/json', JSON.stringify(json))
}

function asBinary({ input }: DescMethod, json: object): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(toBinary(input, create(input, fromJson(input, json as JsonObject))))
  } catch {
    return undefined
  }
}

async function rest(
  caller: Caller,
  { verb, segments, body, method }: RestRoute,
  json: object,
): Promise<Came> {
  const left = new Map<string, unknown>(
    Object.entries(json).map(([key, value]) => [
      method.input.fields.find((field) => field.jsonName === key)?.name ?? key,
      value,
    ]),
  )
  const take = (name: string) => {
    const value = left.get(name)
    left.delete(name)
    return value
  }
  const path = segments
    .map((segment) =>
      segment.kind === 'variable' ? escaped(String(take(segment.field) ?? '')) : segment.text,
    )
    .join('/')
  const content = body === '*' ? Object.fromEntries(left) : body === '' ? undefined : take(body)
  // What the body names is what changes there.
  if (verb === 'PATCH') take('update_mask')
  const query = body === '*' ? '' : queryOf(left)
  const words = wordsOf(method.input)
  const text = content === undefined ? undefined : JSON.stringify(inSnake(content as JsonValue, words))
  return send(caller, verb, `/v1/${path.replace(/^\/?v1\//, '')}${query}`, 'application/json', text)
}

function queryOf(fields: ReadonlyMap<string, unknown>): string {
  const pairs = [...fields].flatMap(([name, value]) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.entries(value).map(
          ([key, each]) => `${escaped(name)}[${escaped(key)}]=${escaped(String(each))}`,
        )
      : [`${escaped(name)}=${escaped(String(value))}`],
  )
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`
}

// A target of a hundred thousand bytes is refused by the server before it is anybody's question.
function escaped(text: string): string {
  return encodeURIComponent(text.toWellFormed()).slice(0, 2_000).replace(/%.?$/, '')
}

/** REST has the schema's names, and words for enum values; what is none of these goes as it is. */
function inSnake(value: JsonValue, words: ReadonlyMap<string, string>): JsonValue {
  if (typeof value === 'string') return words.get(value) ?? value
  if (Array.isArray(value)) return value.map((each) => inSnake(each, words))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [
      key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      inSnake(each, words),
    ]),
  )
}

/** The names of enum values in a message and what is in it, and their words. */
function wordsOf(message: DescMessage, words = new Map<string, string>()): ReadonlyMap<string, string> {
  for (const field of message.fields) {
    for (const { name, localName } of field.enum?.values ?? []) words.set(name, localName.toLowerCase())
    if (field.message !== undefined && field.message !== message) wordsOf(field.message, words)
  }
  return words
}

async function send(
  { baseUrl, key }: Caller,
  verb: string,
  path: string,
  type: string,
  body: Uint8Array<ArrayBuffer> | string | undefined,
): Promise<Came> {
  const headers = { authorization: `Bearer ${key}`, ...(body !== undefined && { 'content-type': type }) }
  const response = await fetch(`${baseUrl}${path}`, {
    method: verb,
    headers,
    ...(body !== undefined && { body }),
  })
  return { status: response.status, text: Buffer.from(await response.arrayBuffer()).toString('latin1') }
}
