// The rules of an API key's fields, and how what breaks them is noted.

import type { Problem, Say } from '../jobs/job-input.ts'
import { textProblem } from '../text-rules.ts'
import { type GivenInstant, readInstant } from './check-instant.ts'

/** A list of problems, and how to note one with a field of the key. */
export function collectKeyProblems() {
  const problems: Problem[] = []
  const say: Say = (field, description) => problems.push({ field: `api_key.${field}`, description })
  return { say, problems }
}

/** Checks what people call a key. */
export function checkKeyName(name: string, say: Say): void {
  const problem = name === '' ? 'is required' : textProblem(name, 1, 255)
  if (problem !== undefined) say('name', problem)
  else if (name.trim() === '') say('name', 'must not be blank')
}

/** Reads when a key shall end; undefined for never, and for what is no time. */
export function checkKeyEnd(given: GivenInstant | undefined, say: Say): Date | undefined {
  const end = given === undefined ? undefined : readInstant(given)
  if (typeof end !== 'string') return end
  say('expires_at', end)
  return undefined
}
