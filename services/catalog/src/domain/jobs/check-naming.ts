// What people and runs call the job by: name, slug, description, the metadata every run inherits.

import { checkSlug } from '@strait/domain/slug'
import { countCharacters, quoteShort, textProblem } from '../text-rules.ts'
import type { JobConfig } from './job.ts'
import { configDefaults } from './job.ts'
import type { JobInput, Say } from './job-input.ts'

const maxMetadataEntries = 50

type Naming = Pick<JobConfig, 'name' | 'description' | 'defaultRunMetadata'> & {
  /** Undefined when it shall be made from the name. */
  readonly slug: string | undefined
}

/** Checks the fields that name and describe a job. */
export function checkNaming(input: JobInput, say: Say): Naming {
  const { name = '', slug, description = configDefaults.description, defaultRunMetadata = {} } = input
  const nameProblem = name === '' ? 'is required' : textProblem(name, 1, 255)
  if (nameProblem !== undefined) say('name', nameProblem)
  else if (name.trim() === '') say('name', 'must not be blank')

  const slugCheck = slug === undefined ? { ok: true as const } : checkSlug(slug)
  if (!slugCheck.ok) say('slug', slugCheck.reason)

  const descriptionProblem = textProblem(description, 0, 4_096)
  if (descriptionProblem !== undefined) say('description', descriptionProblem)

  checkMetadata(defaultRunMetadata, say)
  return { name, slug, description, defaultRunMetadata }
}

function checkMetadata(metadata: Readonly<Record<string, string>>, say: Say): void {
  const entries = Object.entries(metadata)
  if (entries.length > maxMetadataEntries) {
    say('default_run_metadata', `must have at most ${maxMetadataEntries} entries, not ${entries.length}`)
    return
  }
  for (const [key, value] of entries) {
    const keyProblem = textProblem(key, 1, 64)
    if (keyProblem !== undefined) say('default_run_metadata', `the key ${quoteShort(key)} ${keyProblem}`)
    const valueProblem = textProblem(value, 0, 1_024)
    const path = countCharacters(key, 64) > 64 ? '' : `[${JSON.stringify(key)}]`
    if (valueProblem !== undefined) say(`default_run_metadata${path}`, valueProblem)
  }
}
