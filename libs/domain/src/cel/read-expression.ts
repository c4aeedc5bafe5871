// A CEL expression as it is written, read before anything is evaluated: whether it is one, which names it rests on, and which steps'
// outcomes it reads. What it says of a text depends on the text alone, so it may be kept; whether the names are known where the
// expression stands is for whoever knows the place.
//
// Length and depth are bounded before the parser sees the text, so the worst texts found cost it 20 ms (see read-expression.test.ts).

import { parse } from '@bufbuild/cel'
import { findUses, type Uses } from './find-uses.ts'
import { MAX_BRACKET_DEPTH, scanExpression } from './scan-expression.ts'

/** Of characters. */
export const MAX_EXPRESSION_LENGTH = 2_048

/** What there is to an expression, or why it is none. */
export type ReadExpression =
  | ({ readonly ok: true } & Uses)
  | { readonly ok: false; readonly problems: readonly string[] }

/** Reads an expression, or says what is wrong with it and where. */
export function readExpression(text: string): ReadExpression {
  const problem = shapeProblem(text)
  if (problem !== undefined) return { ok: false, problems: [problem] }
  const parsed = tryParse(text)
  if ('problem' in parsed) return { ok: false, problems: [parsed.problem] }
  const { problems, ...uses } = findUses(parsed.expr, parsed.sourceInfo?.positions ?? {})
  return problems.length > 0 ? { ok: false, problems } : { ok: true, ...uses }
}

/** What is wrong before anything is parsed. */
function shapeProblem(text: string): string | undefined {
  // Counted in the units of memory, of which a character beyond the first 65,536 takes two: the parser's time is what is bounded.
  if (text.length > MAX_EXPRESSION_LENGTH) return `must have at most ${MAX_EXPRESSION_LENGTH} characters`
  if (text.trim() === '') return 'must not be empty'
  if (text.includes('\0')) return 'must not contain the NUL character'
  const { depth } = scanExpression(text) ?? { depth: 0 }
  return depth > MAX_BRACKET_DEPTH
    ? `must have at most ${MAX_BRACKET_DEPTH} brackets inside each other`
    : undefined
}

function tryParse(text: string): ReturnType<typeof parse> | { readonly problem: string } {
  try {
    return parse(text)
  } catch (thrown) {
    return { problem: `is no CEL expression: ${parseProblem(thrown, text)}` }
  }
}

/** The parser lists everything that could have stood there, which helps nobody: the place and what stands there do. */
function parseProblem(thrown: unknown, text: string): string {
  const { location, message } = thrown as {
    readonly location?: { readonly start: { readonly offset: number } }
    readonly message?: string
  }
  if (location === undefined) return String(message).slice(0, 100)
  const { offset } = location.start
  if (offset >= text.length) return 'it ends too early'
  return `unexpected ${JSON.stringify(String.fromCodePoint(text.codePointAt(offset) ?? 0))} at character ${offset + 1}`
}
