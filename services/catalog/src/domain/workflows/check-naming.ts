// What people and files call a workflow by: name, slug, description, labels.

import { checkSlug } from '@strait/domain/slug'
import type { Say } from '../jobs/job-input.ts'
import { countCharacters, quoteShort, textProblem } from '../text-rules.ts'
import type { WorkflowConfig } from './workflow.ts'
import type { WorkflowInput } from './workflow-input.ts'

const maxTags = 20
const maxTagKey = 64
const maxTagValue = 256

type Naming = Pick<WorkflowConfig, 'name' | 'description' | 'tags'> & {
  /** Undefined when it shall be made from the name. */
  readonly slug: string | undefined
}

/** Checks the fields that name and describe a workflow. */
export function checkNaming(
  { name = '', slug, description = '', tags = {} }: WorkflowInput,
  say: Say,
): Naming {
  const nameProblem = name === '' ? 'is required' : textProblem(name, 1, 255)
  if (nameProblem !== undefined) say('name', nameProblem)
  else if (name.trim() === '') say('name', 'must not be blank')

  const slugCheck = slug === undefined ? { ok: true as const } : checkSlug(slug)
  if (!slugCheck.ok) say('slug', slugCheck.reason)

  const descriptionProblem = textProblem(description, 0, 4_096)
  if (descriptionProblem !== undefined) say('description', descriptionProblem)

  checkTags(tags, say)
  return { name, slug, description, tags }
}

function checkTags(tags: Readonly<Record<string, string>>, say: Say): void {
  const entries = Object.entries(tags)
  if (entries.length > maxTags) {
    say('tags', `must have at most ${maxTags} entries, not ${entries.length}`)
    return
  }
  for (const [key, value] of entries) {
    const keyProblem = textProblem(key, 1, maxTagKey)
    if (keyProblem !== undefined) say('tags', `the key ${quoteShort(key)} ${keyProblem}`)
    const valueProblem = textProblem(value, 0, maxTagValue)
    const path = countCharacters(key, maxTagKey) > maxTagKey ? '' : `[${JSON.stringify(key)}]`
    if (valueProblem !== undefined) say(`tags${path}`, valueProblem)
  }
}
