// JSON.parse with the keys that the text has.
//
// The JSON.parse of V8 from 12.8 on takes an escaped key for another one: it expects the keys that it saw after the same
// keys before, and holds what it expects against the key as it is written. Where `\` was expected, `\n`, `\"` and `\u0061`
// all become `\`. What it expects comes from any text that the process read, whoever sent it. A key without an escape
// is never mistaken, because what is written of it is what it is; so the engine reads all texts but those with escaped keys,
// and those are built here, an own property for each key. Strings and numbers have no keys: the engine reads them one by one.

import { buildJson } from './build-json.ts'
import { beginScan, skipSpace } from './scan.ts'
import { endOfString } from './scan-string.ts'

const COLON = 0x3a

/** What JSON.parse should give, a SyntaxError for what is no JSON included. */
export function parseJson(text: string): unknown {
  return hasEscapedKey(text) ? buildJson(text) : JSON.parse(text)
}

/** Whether a key is written with an escape. Of a text that is no JSON it may say either. */
function hasEscapedKey(text: string): boolean {
  let at = text.indexOf('\\')
  if (at < 0) return false
  const scan = beginScan(text, 0)
  while (at >= 0) {
    // Nowhere but in a string is there a backslash.
    scan.at = endOfString(text, at)
    if (skipSpace(scan) === COLON) return true
    at = text.indexOf('\\', scan.at)
  }
  return false
}
