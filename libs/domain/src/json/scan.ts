// A place in a JSON text. The scan… functions read the grammar of RFC 8259 from it, over character codes and
// without building values: each starts on its first character, leaves `at` behind its last one, and says whether it
// went well; if not, `failure` and `path` say what and where.

export type JsonFault = 'INVALID_JSON' | 'DUPLICATE_KEY' | 'TOO_DEEP' | 'LONE_SURROGATE'

export type Scan = {
  readonly text: string
  readonly maxDepth: number
  /** The way to the present value; a key still has its opening quote. */
  readonly path: (string | number)[]
  at: number
  failure: { readonly reason: JsonFault; readonly message: string } | undefined
}

/** A scan at the beginning of a text. */
export function beginScan(text: string, maxDepth: number): Scan {
  return { text, maxDepth, path: [], at: 0, failure: undefined }
}

/** Notes what is wrong and where; always false. */
export function fail(scan: Scan, reason: JsonFault, words: string, at = scan.at): false {
  scan.failure = { reason, message: `${words} at character ${at + 1}` }
  return false
}

/** Goes on to the next character that is not white space, and gives its code; NaN at the end of the text. */
export function skipSpace(scan: Scan): number {
  const { text } = scan
  let at = scan.at
  let code = text.charCodeAt(at)
  while (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) {
    at += 1
    code = text.charCodeAt(at)
  }
  scan.at = at
  return code
}
