// Payloads are JSON text that is kept byte for byte, so it is checked as text: nothing is built from it, and
// nothing goes through a double. One pass, strict RFC 8259, linear in the text whatever is in it; recursion goes
// as deep as maxDepth and no deeper.
import { beginScan, type JsonFault, type Scan } from './json/scan.ts'
import { scanValue } from './json/scan-value.ts'

export type JsonTextLimits = {
  /** Of the UTF-8 bytes. */
  readonly maxBytes: number
  /** Of containers inside each other; `[]` is one deep. At most 512 are allowed whatever is asked. */
  readonly maxDepth?: number
}

export type JsonTextReason = JsonFault | 'TOO_LARGE'

export type JsonTextCheck =
  | { readonly ok: true; readonly bytes: number }
  | {
      readonly ok: false
      readonly reason: JsonTextReason
      readonly message: string
      /** Where it happened, as a JSON pointer; absent when the text as a whole is at fault. */
      readonly path?: string
    }

const DEFAULT_MAX_DEPTH = 64
const DEEPEST_RECURSION = 512
const LONGEST_PATH = 256

/** Checks that the text is one strict JSON value without duplicate keys and inside the limits. */
export function checkJsonText(
  text: string,
  { maxBytes, maxDepth = DEFAULT_MAX_DEPTH }: JsonTextLimits,
): JsonTextCheck {
  const bytes = text.length > maxBytes ? text.length : Buffer.byteLength(text)
  if (bytes > maxBytes) return { ok: false, reason: 'TOO_LARGE', message: `is longer than ${maxBytes} bytes` }
  const scan = beginScan(text, Math.min(maxDepth, DEEPEST_RECURSION))
  if (!scanValue(scan, 0)) return refused(scan)
  if (scan.at === text.length) return { ok: true, bytes }
  return {
    ok: false,
    reason: 'INVALID_JSON',
    message: `has text behind the value at character ${scan.at + 1}`,
  }
}

function refused({ failure, path }: Scan): JsonTextCheck {
  const { reason, message } = failure ?? { reason: 'INVALID_JSON', message: 'is not JSON' }
  return { ok: false, reason, message, path: toPointer(path) }
}

// A JSON pointer, short enough for an error whatever the keys are.
function toPointer(path: readonly (string | number)[]): string {
  const parts = path.map((part) => (typeof part === 'number' ? String(part) : part.slice(1, 65)))
  const pointer = parts.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
  return pointer.length > LONGEST_PATH ? `${pointer.slice(0, LONGEST_PATH)}…` : pointer
}
