// Rules that fields of any resource share. Each says what is wrong with a field by its path, and answers the value to go on with.

import type { Problem, Say } from './jobs/job-input.ts'
import { countCharacters, quoteShort, textProblem } from './text-rules.ts'

/** Gathers problems under a path: the first of them, for nobody mends more at once. */
export function gatherProblems(
  prefix: string,
  most = 100,
): { readonly problems: Problem[]; readonly say: Say } {
  const problems: Problem[] = []
  return {
    problems,
    say: (field, description) => {
      if (problems.length < most) problems.push({ field: `${prefix}${field}`, description })
    },
  }
}

/** A whole number within its bounds, which both are allowed. */
export function checkBounds(say: Say, field: string, value: number, min: number, max: number): number {
  if (value >= min && value <= max) return value
  const [from, to] = [min, max].map((bound) => bound.toLocaleString('en-US'))
  say(field, `must be ${from} to ${to}, not ${value}`)
  return value
}

/** The same for one that may be absent. */
export function checkOptionalBounds(
  say: Say,
  field: string,
  value: number | undefined,
  min: number,
  max: number,
): number | undefined {
  return value === undefined ? undefined : checkBounds(say, field, value, min, max)
}

/** One of some words; the first of them where none is given. */
export function checkWord<const Words extends readonly [string, ...string[]]>(
  say: Say,
  field: string,
  given: string | undefined,
  words: Words,
): Words[number] {
  const known = given === undefined ? words[0] : words.find((word) => word === given)
  if (known === undefined) say(field, `must be one of ${words.join(', ')}, not ${quoteShort(given ?? '')}`)
  return known ?? words[0]
}

/** How many entries a map may have, and how long a value of it may be; a key has 1 to 64 characters. */
export interface MapBounds {
  readonly entries: number
  readonly valueCharacters: number
}

/** How many labels a thing may have. */
export const tagBounds: MapBounds = { entries: 20, valueCharacters: 256 }

const maxKeyCharacters = 64

/** Checks a map of texts. Its keys are the user's own, whatever they are. */
export function checkMap(
  say: Say,
  field: string,
  map: Readonly<Record<string, string>>,
  bounds: MapBounds,
): void {
  const entries = Object.entries(map)
  if (entries.length > bounds.entries) {
    say(field, `must have at most ${bounds.entries} entries, not ${entries.length}`)
    return
  }
  for (const [key, value] of entries) {
    const keyProblem = textProblem(key, 1, maxKeyCharacters)
    if (keyProblem !== undefined) say(field, `the key ${quoteShort(key)} ${keyProblem}`)
    const valueProblem = textProblem(value, 0, bounds.valueCharacters)
    const isLong = countCharacters(key, maxKeyCharacters) > maxKeyCharacters
    if (valueProblem !== undefined) say(`${field}${isLong ? '' : `[${JSON.stringify(key)}]`}`, valueProblem)
  }
}
