// Payload templates: JSON text in whose strings expressions stand. A string that is one expression and nothing else becomes the
// expression's value with its type; in any other string each expression becomes text.
//
//   { "order": "{{ payload.id }}", "title": "Order {{ payload.id }} of {{ steps.fetch.output.day }}", "amount": 12345678901234567890 }
//     └────────── value ─────────┘ └──────────────────── text ─────────────────────┘ └──────────────── json ────────────────┘
//
// It is taken apart once into pieces in the order of the text. What is no expression stays the slice of the text that it was, so numbers
// keep their digits and keys their order; who fills a template in writes the pieces one after another. Expressions are not read here.

import { scanExpression } from './cel/scan-expression.ts'
import { walkStrings } from './json/walk-strings.ts'
import { checkJsonText } from './json-text.ts'

/** A piece of a template. */
export type TemplatePiece =
  /** A slice of JSON text, to be written as it is. */
  | { readonly kind: 'json'; readonly json: string }
  /** A JSON value: that of the expression. */
  | { readonly kind: 'value'; readonly path: string; readonly expression: string }
  /** A JSON string: its parts one after another, those of the expressions as text. */
  | { readonly kind: 'text'; readonly path: string; readonly parts: readonly TextPart[] }

/** A part of a string: what stands there, or an expression. */
export type TextPart = string | { readonly expression: string }

/** A place in a template and what is wrong there. */
export interface TemplateProblem {
  /** A JSON pointer; empty for the template as a whole. */
  readonly path: string
  readonly description: string
}

/** What there is to a text. */
export type ReadTemplate =
  | { readonly ok: true; readonly pieces: readonly TemplatePiece[] }
  | { readonly ok: false; readonly problems: readonly TemplateProblem[] }

/** Of the UTF-8 bytes of a template. */
export const MAX_TEMPLATE_BYTES = 1024 * 1024

/** Of one template: each is evaluated at every run. */
export const MAX_TEMPLATE_EXPRESSIONS = 1_000

const maxDepth = 64
// More than anybody mends at once.
const maxProblems = 20

/** Takes a template apart, or says what is wrong with it. Linear in the text. */
export function readPayloadTemplate(text: string): ReadTemplate {
  const json = checkJsonText(text, { maxBytes: MAX_TEMPLATE_BYTES, maxDepth })
  if (!json.ok) return { ok: false, problems: [{ path: json.path ?? '', description: json.message }] }

  const pieces: TemplatePiece[] = []
  const problems: TemplateProblem[] = []
  let written = 0
  let expressions = 0
  walkStrings(text, ({ start, end, isKey, value, path }) => {
    const string = value()
    if (expressions > MAX_TEMPLATE_EXPRESSIONS || problems.length >= maxProblems) return
    if (!string.includes('{{') && !string.includes('}}')) return
    if (isKey) {
      problems.push({ path: path(), description: 'has braces in a key; expressions stand in values only' })
      return
    }
    const parts = readText(string)
    if (typeof parts === 'string') {
      problems.push({ path: path(), description: parts })
      return
    }
    expressions += parts.filter((part) => typeof part === 'object').length
    if (start > written) pieces.push({ kind: 'json', json: text.slice(written, start) })
    const [only] = parts
    const isValue = parts.length === 1 && typeof only === 'object'
    pieces.push(
      isValue
        ? { kind: 'value', path: path(), expression: only.expression }
        : { kind: 'text', path: path(), parts },
    )
    written = end
  })
  if (expressions > MAX_TEMPLATE_EXPRESSIONS) {
    const description = `must have at most ${MAX_TEMPLATE_EXPRESSIONS} expressions`
    return { ok: false, problems: [{ path: '', description }, ...problems] }
  }
  if (problems.length > 0) return { ok: false, problems }
  if (written < text.length) pieces.push({ kind: 'json', json: text.slice(written) })
  return { ok: true, pieces }
}

/** The expressions of a template, each with the place of its string. */
export function expressionsOf(
  pieces: readonly TemplatePiece[],
): readonly { readonly path: string; readonly expression: string }[] {
  return pieces.flatMap((piece) => {
    if (piece.kind === 'json') return []
    if (piece.kind === 'value') return [{ path: piece.path, expression: piece.expression }]
    return piece.parts.flatMap((part) => (typeof part === 'string' ? [] : [{ path: piece.path, ...part }]))
  })
}

/** The parts of a string, or what is wrong with it. */
function readText(text: string): readonly TextPart[] | string {
  const parts: TextPart[] = []
  let at = 0
  while (at < text.length) {
    const opens = text.indexOf('{{', at)
    const literal = text.slice(at, opens < 0 ? text.length : opens)
    if (literal.includes('}}')) return 'has }} without {{; as text they are written {{ "}}" }}'
    if (literal !== '') parts.push(literal)
    if (opens < 0) break
    const expression = scanExpression(text, opens + 2, true)
    if (expression === undefined) return 'has {{ without }}; as text they are written {{ "{{" }}'
    parts.push({ expression: text.slice(opens + 2, expression.end).trim() })
    at = expression.end + 2
  }
  return parts
}
