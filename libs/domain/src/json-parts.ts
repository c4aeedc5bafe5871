// The pieces of a JSON object or array as they stand in the text, byte for byte, so that what is hashed or sent on never goes through a
// value and back.
import { beginScan, type Scan, skipSpace } from './json/scan.ts'
import { scanString, unquote } from './json/scan-string.ts'
import { scanValue } from './json/scan-value.ts'
import { checkJsonText } from './json-text.ts'

const COMMA = 0x2c
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const DEEPEST = 512

/** The members of an object, each value as its text; undefined for a text that is no strict JSON object. */
export function jsonMembers(text: string): ReadonlyMap<string, string> | undefined {
  const scan = beginContainer(text, OPEN_OBJECT)
  if (scan === undefined) return undefined
  const members = new Map<string, string>()
  if (skipSpace(scan) === CLOSE_OBJECT) return members
  do {
    skipSpace(scan)
    const start = scan.at
    scanString(scan)
    const key = unquote(text.slice(start, scan.at))
    skipSpace(scan)
    scan.at += 1
    members.set(key, takeValue(scan))
  } while (text.charCodeAt(scan.at++) === COMMA)
  return members
}

/** The elements of an array, each as its text; undefined for a text that is no strict JSON array. */
export function jsonElements(text: string): readonly string[] | undefined {
  const scan = beginContainer(text, OPEN_ARRAY)
  if (scan === undefined) return undefined
  if (skipSpace(scan) === CLOSE_ARRAY) return []
  const elements: string[] = []
  do elements.push(takeValue(scan))
  while (text.charCodeAt(scan.at++) === COMMA)
  return elements
}

/** A scan behind the opening bracket of a text that was checked, so that everything is what the grammar wants there. */
function beginContainer(text: string, open: number): Scan | undefined {
  if (!checkJsonText(text, { maxBytes: Number.POSITIVE_INFINITY, maxDepth: DEEPEST }).ok) return undefined
  const scan = beginScan(text, DEEPEST)
  if (skipSpace(scan) !== open) return undefined
  scan.at += 1
  return scan
}

/** The text of the next value, without the space around it, which is left behind. */
function takeValue(scan: Scan): string {
  skipSpace(scan)
  const start = scan.at
  scanValue(scan, 1)
  return scan.text.slice(start, scan.at).trimEnd()
}
