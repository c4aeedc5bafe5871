// The fields that nearly everything has in common, each by one rule. What breaks it is noted under the field's name in the schema.

import { checkSlug, slugFromName } from '@strait/domain/slug'
import type { Say } from './jobs/job-input.ts'
import { textProblem } from './text-rules.ts'

/** A slug that was asked for is given or refused; one made from a name is numbered until it is free. */
export interface WantedSlug {
  readonly text: string
  readonly isChosen: boolean
}

/** Checks what people call a thing. */
export function checkName(name: string, say: Say): void {
  const problem = name === '' ? 'is required' : textProblem(name, 1, 255)
  if (problem !== undefined) say('name', problem)
  else if (name.trim() === '') say('name', 'must not be blank')
}

/** Checks a slug that may have been left out. */
export function checkChosenSlug(slug: string | undefined, say: Say): void {
  const check = slug === undefined ? { ok: true as const } : checkSlug(slug)
  if (!check.ok) say('slug', check.reason)
}

/** Checks a description. */
export function checkDescription(description: string, say: Say): void {
  const problem = textProblem(description, 0, 4_096)
  if (problem !== undefined) say('description', problem)
}

/** The slug that was asked for, or the one that the name makes; `unreadable` is for names that leave nothing to read. */
export function wantedSlug(slug: string | undefined, name: string, unreadable: string): WantedSlug {
  return { text: slug ?? slugFromName(name, unreadable), isChosen: slug !== undefined }
}
