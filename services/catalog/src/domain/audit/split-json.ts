// JSON objects one after another, as they come in pieces of any size: lines of JSON, answers that were written one behind the other, with
// line breaks anywhere. Only brackets and strings are looked at; whether each is JSON is for its reader to say.

const quote = '"'.charCodeAt(0)
const backslash = '\\'.charCodeAt(0)
const open = new Set(['{', '['].map((bracket) => bracket.charCodeAt(0)))
const close = new Set(['}', ']'].map((bracket) => bracket.charCodeAt(0)))

/** Cuts what comes into the texts of single objects. */
export interface JsonSplitter {
  /** Takes a piece, and answers the objects that are complete with it. */
  push(piece: string): readonly string[]
  /** What was left: an object without an end, or the empty text. */
  rest(): string
}

/** A splitter that has seen nothing yet. */
export function createJsonSplitter(): JsonSplitter {
  let text = ''
  let at = 0
  let depth = 0
  let inString = false
  return {
    push(piece) {
      text += piece
      const complete: string[] = []
      let start = 0
      for (; at < text.length; at++) {
        const code = text.charCodeAt(at)
        if (inString) {
          // What an escape escapes is passed over, though it come with the next piece.
          if (code === backslash) at++
          else if (code === quote) inString = false
        } else if (code === quote) inString = true
        else if (open.has(code)) depth++
        else if (close.has(code) && --depth <= 0) {
          complete.push(text.slice(start, at + 1).trim())
          start = at + 1
          depth = 0
        }
      }
      text = text.slice(start)
      at -= start
      return complete
    },
    rest: () => text.trim(),
  }
}
