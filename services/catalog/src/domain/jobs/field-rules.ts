// Rules that several fields of a job share. Each notes what is wrong and goes on, so that everything is said at once.

import { countCharacters, quoteShort, textProblem } from '../text-rules.ts'
import type { TargetProblem } from './check-call.ts'
import type { Say } from './job-input.ts'

const maxUrlCharacters = 2_048

/** Checks a number; both bounds are allowed. */
export function checkBounds(field: string, value: number, min: number, max: number, say: Say): void {
  if (value >= min && value <= max) return
  const [from, to] = [min, max].map((bound) => bound.toLocaleString('en-US'))
  say(field, `must be ${from} to ${to}, not ${value}`)
}

/** Checks a word against those that the field knows; the first of them stands in for one that it does not. */
export function checkWord<Word extends string>(
  field: string,
  word: string,
  words: readonly [Word, ...Word[]],
  say: Say,
): Word {
  const known = words.find((one) => one === word)
  if (known === undefined) say(field, `must be one of ${words.join(', ')}, not ${quoteShort(word)}`)
  return known ?? words[0]
}

/** Checks a URL to be called. */
export function checkUrl(field: string, url: string, targetProblem: TargetProblem, say: Say): void {
  const tooLong = countCharacters(url, maxUrlCharacters) > maxUrlCharacters
  const problem = tooLong ? `must have at most ${maxUrlCharacters} characters` : targetProblem(url)
  if (problem !== undefined) say(field, problem)
}

/** How many entries a map may have, and how long a value of it may be; a key has 1 to 64 characters. */
export interface MapBounds {
  readonly entries: number
  readonly valueCharacters: number
}

const maxKeyCharacters = 64

/** Checks a map of texts. Its keys are the user's own, whatever they are. */
export function checkMap(
  field: string,
  map: Readonly<Record<string, string>>,
  bounds: MapBounds,
  say: Say,
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
