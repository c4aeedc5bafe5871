// Whether variables may be stored. What overrides a field of a job is checked as that field; any other value is any text. No problem
// repeats a value or a part of one: values are secrets, and refusals are shown, logged and kept.

import {
  numberVariables,
  readNumberVariable,
  readOrigin,
  urlVariables,
  type Variables,
} from '@strait/domain/environment'
import { checkSlug } from '@strait/domain/slug'
import { readUrlTemplate } from '@strait/domain/url-template'
import type { TargetProblem } from '../jobs/check-call.ts'
import { countCharacters, quoteShort, textProblem } from '../text-rules.ts'
import { type OwnVariables, variablesToText } from './variables.ts'

/** Notes what is wrong at a path below the request. */
export type SayPath = (path: string, description: string) => void

const namePattern = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/
const maxEntries = 200
const maxValueCharacters = 8_192
const maxUrlCharacters = 2_048
// With ten environments in a line, and each as large as may be, one answer still holds them all.
const maxTotalBytes = 2 * 1024 * 1024
// More than anybody mends at once.
const maxNamesSaid = 20

/** Checks names and values at a path. */
export function checkVariables(
  path: string,
  variables: Variables,
  targetProblem: TargetProblem,
  say: SayPath,
): void {
  if (variables.size > maxEntries) {
    say(path, `must have at most ${maxEntries} entries, not ${variables.size}`)
    return
  }
  let wrong = 0
  for (const [name, value] of variables) {
    const problem = nameProblem(name) ?? valueProblem(name, value, targetProblem)
    if (problem === undefined) continue
    say(namePattern.test(name) ? `${path}[${name}]` : path, problem)
    if (++wrong === maxNamesSaid) return
  }
}

/** Checks variables of single jobs at a path; each set of them is at `<path>[<slug>].variables`. */
export function checkJobOverrides(
  path: string,
  overrides: ReadonlyMap<string, Variables>,
  targetProblem: TargetProblem,
  say: SayPath,
): void {
  if (overrides.size > maxEntries) {
    say(path, `must have at most ${maxEntries} entries, not ${overrides.size}`)
    return
  }
  for (const [slug, variables] of overrides) {
    const check = checkSlug(slug)
    if (check.ok) checkVariables(`${path}[${slug}].variables`, variables, targetProblem, say)
    else say(path, `the slug ${quoteShort(slug)} ${check.reason}`)
  }
}

/** Says why variables cannot be stored together, or nothing; each of them is right. */
export function totalProblem(own: OwnVariables): string | undefined {
  const bytes = Buffer.byteLength(variablesToText(own))
  return bytes > maxTotalBytes
    ? `must have at most ${maxTotalBytes} bytes, those for single jobs included, not ${bytes}`
    : undefined
}

/** Says why a text is no name of a variable, or nothing. */
export function nameProblem(name: string): string | undefined {
  return namePattern.test(name)
    ? undefined
    : `the name ${quoteShort(name)} must be letters, digits and _, 1 to 128 of them, and no digit first`
}

function valueProblem(name: string, value: string, targetProblem: TargetProblem): string | undefined {
  const problem = textProblem(value, 0, maxValueCharacters)
  if (problem !== undefined) return problem
  if (!value.isWellFormed()) return 'must be Unicode text'
  if (urlVariables.has(name)) return urlProblem(value, targetProblem)
  if (name === 'ENDPOINT_BASE_URL')
    return readOrigin(value) !== undefined
      ? urlProblem(value, targetProblem)
      : 'must be scheme, host and port alone, such as https://staging.example.com:8443'
  if (name === 'TIMEOUT_SECS' || name === 'MAX_ATTEMPTS') {
    const { min, max } = numberVariables[name]
    return readNumberVariable(name, value) === undefined
      ? `must be a whole number of ${min} to ${max} in digits`
      : undefined
  }
  return undefined
}

function urlProblem(url: string, targetProblem: TargetProblem): string | undefined {
  if (countCharacters(url, maxUrlCharacters) > maxUrlCharacters)
    return `must have at most ${maxUrlCharacters} characters`
  if (readUrlTemplate(url) === undefined) return 'must have no braces but those of {{NAME}}'
  const problem = targetProblem(url)
  return problem === undefined ? undefined : withoutQuotes(problem)
}

// The rules of URLs say what they found behind a colon or an "as".
function withoutQuotes(problem: string): string {
  return problem.replace(/(?:: |, as ).*$/s, '')
}
