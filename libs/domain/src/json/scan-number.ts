// Numbers, which JSON writes more strictly than any programming language.
import { fail, type Scan } from './scan.ts'

const PLUS = 0x2b
const MINUS = 0x2d
const POINT = 0x2e
const ZERO = 0x30
const LOWER_E = 0x65

/** Scans a number, beginning with its sign or its first digit. */
export function scanNumber(scan: Scan): boolean {
  const { text } = scan
  if (text.charCodeAt(scan.at) === MINUS) scan.at += 1
  // After a leading zero comes no other digit.
  if (text.charCodeAt(scan.at) === ZERO) scan.at += 1
  else if (!scanDigits(scan)) return false
  if (text.charCodeAt(scan.at) === POINT) {
    scan.at += 1
    if (!scanDigits(scan)) return false
  }
  // The bit turns E into e.
  if ((text.charCodeAt(scan.at) | 0x20) !== LOWER_E) return true
  scan.at += 1
  const sign = text.charCodeAt(scan.at)
  if (sign === PLUS || sign === MINUS) scan.at += 1
  return scanDigits(scan)
}

/** Says whether the code is that of 0 to 9. */
export function isDigit(code: number): boolean {
  return code >= ZERO && code <= 0x39
}

function scanDigits(scan: Scan): boolean {
  const { text } = scan
  let at = scan.at
  while (isDigit(text.charCodeAt(at))) at += 1
  if (at === scan.at) return fail(scan, 'INVALID_JSON', 'expects a digit')
  scan.at = at
  return true
}
