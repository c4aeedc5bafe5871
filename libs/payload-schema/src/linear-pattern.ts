// Regular expressions whose time is linear in the text, whatever the pattern: an automaton goes through the text once and
// never back. What only going back can decide (looking around, references to what a group has found) it does not have.
//
// A pattern must mean the same to everybody who reads the schema: it must be one by ECMA-262, as JSON Schema asks, and one
// of the automaton's. `\d`, `\w` and `\s` stand for ASCII characters.
import { RE2JS } from 're2js'

/** A compiled pattern, as much of a RegExp as ajv needs. */
export type LinearPattern = { test(text: string): boolean; toString(): string }

export type PatternRule = 'lookaround' | 'backreference' | 'pattern'

export type CheckedPattern =
  | { readonly ok: true }
  | { readonly ok: false; readonly rule: PatternRule; readonly message: string }

const MOST_CHARACTERS = 4_096

/** Compiles a pattern that checkPattern accepted; throws for others. */
export function compilePattern(pattern: string): LinearPattern {
  const compiled = RE2JS.compile(RE2JS.translateRegExp(pattern))
  return { test: (text) => compiled.test(text), toString: () => pattern }
}

/** Says whether a pattern may stand in a schema, and if not, which rule it breaks. */
export function checkPattern(pattern: string): CheckedPattern {
  if (pattern.length > MOST_CHARACTERS) {
    return { ok: false, rule: 'pattern', message: `must have at most ${MOST_CHARACTERS} characters` }
  }
  try {
    new RegExp(pattern, 'u')
  } catch {
    return { ok: false, rule: 'pattern', message: 'is no regular expression of ECMA-262' }
  }
  const construct = findConstruct(pattern)
  if (construct === 'lookaround') {
    return { ok: false, rule: construct, message: 'must not look ahead or behind: (?=, (?!, (?<= and (?<!' }
  }
  if (construct === 'backreference') {
    return { ok: false, rule: construct, message: 'must not refer back to a group: \\1 and \\k<name>' }
  }
  try {
    compilePattern(pattern)
    return { ok: true }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.replace('error parsing regexp: ', '') : ''
    return { ok: false, rule: 'pattern', message: `is not taken by the RE2 engine: ${why.slice(0, 200)}` }
  }
}

/** The first construct that needs going back. The pattern is a legal one, so escapes and classes are closed. */
function findConstruct(pattern: string): 'lookaround' | 'backreference' | undefined {
  let inClass = false
  for (let at = 0; at < pattern.length; at += 1) {
    const char = pattern[at]
    if (char === '\\') {
      at += 1
      if (!inClass && /[1-9k]/.test(pattern.charAt(at))) return 'backreference'
    } else if (char === '[') inClass = true
    else if (char === ']') inClass = false
    else if (!inClass && char === '(' && /^\(\?<?[=!]/.test(pattern.slice(at, at + 4))) return 'lookaround'
  }
  return undefined
}
