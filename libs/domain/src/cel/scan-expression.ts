// Where an expression ends and how deep its brackets go, told before it is parsed: one pass over the characters, which knows strings and
// comments and nothing else of the language. The parser's time grows with length times depth and its stack with depth, so both are
// bounded here, and a template finds the end of `{{ … }}` without parsing what is in it.

/** Of brackets inside each other. With 2,048 characters the slowest text found takes the parser 20 ms; without a bound it is two seconds. */
export const MAX_BRACKET_DEPTH = 24

/** What was found. */
export interface ScannedExpression {
  /** The place behind the last character that belongs to it. */
  readonly end: number
  /** How many brackets are inside each other at most. */
  readonly depth: number
}

/**
 * Scans an expression from a place on: to the `}}` that stands outside of its brackets, strings and comments where it is closed by one,
 * else to the end of the text. Undefined where it shall be closed and is not.
 */
export function scanExpression(text: string, from = 0, closed = false): ScannedExpression | undefined {
  let open = 0
  let depth = 0
  let at = from
  while (at < text.length) {
    const char = text[at] as string
    if (char === '"' || char === "'") {
      at = endOfString(text, at, /[rR]/.test(text[at - 1] ?? ''))
      continue
    }
    if (char === '/' && text[at + 1] === '/') {
      at = endOfComment(text, at, closed)
      continue
    }
    if (closed && open === 0 && char === '}' && text[at + 1] === '}') return { end: at, depth }
    if (char === '(' || char === '[' || char === '{') depth = Math.max(depth, ++open)
    if ((char === ')' || char === ']' || char === '}') && open > 0) open -= 1
    at += 1
  }
  return closed ? undefined : { end: text.length, depth }
}

/** A string ends with the quotes that it began with; a raw one knows no escapes. One without an end takes all the text. */
function endOfString(text: string, from: number, isRaw: boolean): number {
  const quote = text[from] as string
  const quotes = text.startsWith(quote.repeat(3), from) ? quote.repeat(3) : quote
  let at = from + quotes.length
  while (at < text.length) {
    if (text.startsWith(quotes, at)) return at + quotes.length
    at += text[at] === '\\' && !isRaw ? 2 : 1
  }
  return text.length
}

/** A comment ends with its line; inside of `{{ … }}`, which is mostly one line, the braces end it too. */
function endOfComment(text: string, from: number, closed: boolean): number {
  const line = text.indexOf('\n', from)
  const braces = closed ? text.indexOf('}}', from) : -1
  const ends = [line, braces].filter((end) => end >= 0)
  return ends.length === 0 ? text.length : Math.min(...ends)
}
