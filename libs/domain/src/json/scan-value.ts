// Values of every kind. Recursion is bounded by the scan's maxDepth.
import { addKey, noKeys } from './keys-seen.ts'
import { fail, type Scan, skipSpace } from './scan.ts'
import { isDigit, scanNumber } from './scan-number.ts'
import { openKey, scanString } from './scan-string.ts'

const QUOTE = 0x22
const COMMA = 0x2c
const MINUS = 0x2d
const COLON = 0x3a
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

/** Scans one value that lies in `depth` containers, with the white space around it. */
export function scanValue(scan: Scan, depth: number): boolean {
  const fits = scanBareValue(scan, depth, skipSpace(scan))
  skipSpace(scan)
  return fits
}

function scanBareValue(scan: Scan, depth: number, code: number): boolean {
  if (code === QUOTE) return scanString(scan)
  if (code === MINUS || isDigit(code)) return scanNumber(scan)
  if (code !== OPEN_OBJECT && code !== OPEN_ARRAY) return scanWord(scan)
  if (depth >= scan.maxDepth) return fail(scan, 'TOO_DEEP', `is more than ${scan.maxDepth} levels deep`)
  scan.at += 1
  return code === OPEN_OBJECT ? scanMembers(scan, depth + 1) : scanElements(scan, depth + 1)
}

function scanMembers(scan: Scan, depth: number): boolean {
  if (skipSpace(scan) === CLOSE_OBJECT) return pass(scan)
  const keys = noKeys()
  while (true) {
    if (skipSpace(scan) !== QUOTE) return fail(scan, 'INVALID_JSON', 'expects a key')
    const start = scan.at
    if (!scanString(scan)) return false
    const key = openKey(scan.text.slice(start, scan.at))
    scan.path.push(key)
    if (!addKey(keys, key)) return fail(scan, 'DUPLICATE_KEY', 'has the same key twice')
    if (skipSpace(scan) !== COLON) return fail(scan, 'INVALID_JSON', 'expects a colon')
    scan.at += 1
    if (!scanValue(scan, depth)) return false
    scan.path.pop()
    const code = scan.text.charCodeAt(scan.at)
    if (code === CLOSE_OBJECT) return pass(scan)
    if (code !== COMMA) return fail(scan, 'INVALID_JSON', 'expects a comma or }')
    scan.at += 1
  }
}

function scanElements(scan: Scan, depth: number): boolean {
  if (skipSpace(scan) === CLOSE_ARRAY) return pass(scan)
  for (let index = 0; ; index += 1) {
    scan.path.push(index)
    if (!scanValue(scan, depth)) return false
    scan.path.pop()
    const code = scan.text.charCodeAt(scan.at)
    if (code === CLOSE_ARRAY) return pass(scan)
    if (code !== COMMA) return fail(scan, 'INVALID_JSON', 'expects a comma or ]')
    scan.at += 1
  }
}

function scanWord(scan: Scan): boolean {
  const { text, at } = scan
  const length =
    text.startsWith('true', at) || text.startsWith('null', at) ? 4 : text.startsWith('false', at) ? 5 : 0
  scan.at += length
  return length > 0 || fail(scan, 'INVALID_JSON', 'expects a value')
}

function pass(scan: Scan): true {
  scan.at += 1
  return true
}
