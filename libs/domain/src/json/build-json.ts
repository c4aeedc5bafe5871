// Builds the value of a JSON text. It reads containers itself and leaves the rest to JSON.parse, piece by piece. Depth costs
// no stack here: the containers around the present value are a list.
import { beginScan, type Scan, skipSpace } from './scan.ts'
import { endOfString } from './scan-string.ts'

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

type Container = { readonly isObject: boolean; readonly value: object; key: string }

/** The value of the text; throws a SyntaxError for what is no JSON. */
export function buildJson(text: string): unknown {
  const scan = beginScan(text, Number.POSITIVE_INFINITY)
  const around: Container[] = []
  while (true) {
    const code = skipSpace(scan)
    let value: unknown
    if (code === OPEN_OBJECT || code === OPEN_ARRAY) {
      const isObject = code === OPEN_OBJECT
      value = isObject ? {} : []
      scan.at += 1
      if (skipSpace(scan) !== closing(isObject)) {
        around.push({ isObject, value: value as object, key: isObject ? takeKey(scan) : '' })
        continue
      }
      scan.at += 1
    } else value = takeBare(scan, code)
    // The value is whole, and with it may be the containers around it.
    let inner = around.at(-1)
    while (inner !== undefined) {
      put(inner, value)
      const next = skipSpace(scan)
      if (next !== COMMA && next !== closing(inner.isObject)) throw unexpected(scan)
      scan.at += 1
      if (next === COMMA) break
      value = inner.value
      around.pop()
      inner = around.at(-1)
    }
    if (inner?.isObject) inner.key = takeKey(scan)
    if (inner !== undefined) continue
    skipSpace(scan)
    if (scan.at < text.length) throw unexpected(scan)
    return value
  }
}

function closing(isObject: boolean): number {
  return isObject ? CLOSE_OBJECT : CLOSE_ARRAY
}

function put({ value, key }: Container, member: unknown): void {
  if (Array.isArray(value)) value.push(member)
  // Setting it would set the prototype.
  else if (key === '__proto__')
    Object.defineProperty(value, key, { value: member, writable: true, enumerable: true, configurable: true })
  else (value as Record<string, unknown>)[key] = member
}

/** A key with its colon. */
function takeKey(scan: Scan): string {
  const code = skipSpace(scan)
  if (code !== QUOTE) throw unexpected(scan)
  const key = takeBare(scan, code) as string
  if (skipSpace(scan) !== COLON) throw unexpected(scan)
  scan.at += 1
  return key
}

/** A string, a number or a word, which begins with `code`. */
function takeBare(scan: Scan, code: number): unknown {
  const { text, at: start } = scan
  if (code === QUOTE) scan.at = endOfString(text, start + 1)
  else while (isOfWord(text.charCodeAt(scan.at))) scan.at += 1
  if (scan.at === start) throw unexpected(scan)
  return JSON.parse(text.slice(start, scan.at))
}

/** Whether the character can stand in a number or a word: a digit, a letter, a sign or a point. */
function isOfWord(code: number): boolean {
  const lower = code | 0x20
  return (
    (code >= 0x30 && code <= 0x39) ||
    (lower >= 0x61 && lower <= 0x7a) ||
    code === 0x2b ||
    (code >= 0x2d && code <= 0x2e)
  )
}

function unexpected({ text, at }: Scan): SyntaxError {
  const what = at < text.length ? `Unexpected token ${JSON.stringify(text.charAt(at))}` : 'Unexpected end'
  return new SyntaxError(`${what} in JSON at position ${at}`)
}
