// Strings and keys: the only place of JSON where escapes and characters beyond ASCII can stand.
import { fail, type Scan } from './scan.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const LOWER_U = 0x75

/** Scans a string, quotes included. */
export function scanString(scan: Scan): boolean {
  const { text } = scan
  for (let at = scan.at + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      scan.at = at + 1
      return true
    }
    if (code === BACKSLASH) {
      const length = escapeLength(text, at)
      if (length === 0) return fail(scan, 'INVALID_JSON', 'has an unknown escape', at)
      at += length - 1
    } else if (code < 0x20) {
      return fail(scan, 'INVALID_JSON', 'has a control character in a string', at)
    } else if (code >= 0xd800 && code <= 0xdfff) {
      // No UTF-8 text can hold half a pair: writing it would put another character in its place.
      if (!isPair(code, text.charCodeAt(at + 1))) {
        return fail(scan, 'LONE_SURROGATE', 'has half of a surrogate pair in a string', at)
      }
      at += 1
    }
  }
  return fail(scan, 'INVALID_JSON', 'has a string without an end', text.length)
}

/** Where the string that `from` is inside of ends, its closing quote included; behind the text where it has none. Nothing is checked. */
export function endOfString(text: string, from: number): number {
  let at = from
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) return at + 1
    at += code === BACKSLASH ? 2 : 1
  }
  return text.length
}

/**
 * A scanned key as its reader sees it, with the opening quote left on: `"12` is an ordinary string to the engine,
 * where `12` would be hashed as a number, without a seed, and a payload could be made of keys that all collide.
 */
export function openKey(quoted: string): string {
  return quoted.includes('\\') ? `"${unquote(quoted)}` : quoted.slice(0, -1)
}

/** What a scanned string says. */
export function unquote(quoted: string): string {
  return quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1)
}

function escapeLength(text: string, at: number): number {
  const kind = text.charCodeAt(at + 1)
  if (kind === LOWER_U) {
    for (let digit = at + 2; digit < at + 6; digit += 1) if (!isHexDigit(text.charCodeAt(digit))) return 0
    return 6
  }
  return '"\\/bfnrt'.includes(text.charAt(at + 1) || ' ') ? 2 : 0
}

function isHexDigit(code: number): boolean {
  const lower = code | 0x20
  return (code >= 0x30 && code <= 0x39) || (lower >= 0x61 && lower <= 0x66)
}

function isPair(high: number, low: number): boolean {
  return high < 0xdc00 && low >= 0xdc00 && low <= 0xdfff
}
