// One text for all spellings of the same JSON value, so that two payloads can be compared: keys sorted by UTF-16
// code units, no spaces, strings escaped only where they must be, numbers as exact decimals. It is compared and
// hashed, never sent: an endpoint gets the text that was given. Pieces are copied from text to text, so no number
// goes through a double.
import { canonicalNumber } from './json/canonical-number.ts'
import { beginScan, type Scan, skipSpace } from './json/scan.ts'
import { isDigit, scanNumber } from './json/scan-number.ts'
import { openKey, scanString, unquote } from './json/scan-string.ts'
import { checkJsonText } from './json-text.ts'

const QUOTE = 0x22
const COMMA = 0x2c
const MINUS = 0x2d
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const LOWER_F = 0x66
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const DEEPEST = 512

/** The canonical text of a JSON text that checkJsonText accepts; throws a SyntaxError for any other. */
export function canonicalJson(text: string): string {
  const checked = checkJsonText(text, { maxBytes: Number.POSITIVE_INFINITY, maxDepth: DEEPEST })
  if (!checked.ok) throw new SyntaxError(`the JSON ${checked.message}`)
  return readValue(beginScan(text, DEEPEST))
}

// The text is checked, so every character is what the grammar wants there; readers look only at what decides.

function readValue(scan: Scan): string {
  const code = skipSpace(scan)
  if (code === OPEN_OBJECT) return readObject(scan)
  if (code === OPEN_ARRAY) return readArray(scan)
  const start = scan.at
  if (code === QUOTE) scanString(scan)
  else if (code === MINUS || isDigit(code)) scanNumber(scan)
  else scan.at += code === LOWER_F ? 'false'.length : 'true'.length
  const source = scan.text.slice(start, scan.at)
  if (code === QUOTE) return canonicalString(source)
  return code === MINUS || isDigit(code) ? canonicalNumber(source) : source
}

function readObject(scan: Scan): string {
  const members: { readonly key: string; readonly text: string }[] = []
  do {
    scan.at += 1
    if (skipSpace(scan) === CLOSE_OBJECT) break
    const start = scan.at
    scanString(scan)
    const quoted = scan.text.slice(start, scan.at)
    skipSpace(scan)
    scan.at += 1
    members.push({ key: openKey(quoted), text: `${canonicalString(quoted)}:${readValue(scan)}` })
  } while (skipSpace(scan) === COMMA)
  scan.at += 1
  members.sort((a, b) => (a.key < b.key ? -1 : 1))
  return `{${members.map(({ text }) => text).join(',')}}`
}

function readArray(scan: Scan): string {
  const elements: string[] = []
  do {
    scan.at += 1
    if (skipSpace(scan) === CLOSE_ARRAY) break
    elements.push(readValue(scan))
  } while (skipSpace(scan) === COMMA)
  scan.at += 1
  return `[${elements.join(',')}]`
}

// Without an escape a string is canonical as it stands.
function canonicalString(quoted: string): string {
  return quoted.includes('\\') ? JSON.stringify(unquote(quoted)) : quoted
}
