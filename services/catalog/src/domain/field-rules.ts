// Rules that fields of any resource share. Each says what is wrong with a field by its path, and answers the value to go on with.

import type { Problem, Say } from './jobs/job-input.ts'
import { quoteShort } from './text-rules.ts'

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

/** A whole number within its bounds. */
export function checkBounds(say: Say, field: string, value: number, min: number, max: number): number {
  if (value < min || value > max) say(field, `must be ${min} to ${max}, not ${value}`)
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
