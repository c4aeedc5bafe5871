// What people and runs call the job by and find it by: name, slug, description, tags, the metadata every run inherits.

import { checkSlug } from '@strait/domain/slug'
import { textProblem } from '../text-rules.ts'
import { checkMap } from './field-rules.ts'
import { configDefaults, type JobConfig } from './job.ts'
import type { JobInput, Say } from './job-input.ts'

type Naming = Pick<JobConfig, 'name' | 'description' | 'tags' | 'defaultRunMetadata'> & {
  /** Undefined when it shall be made from the name. */
  readonly slug: string | undefined
}

/** Checks the fields that name and describe a job. */
export function checkNaming(input: JobInput, say: Say): Naming {
  const { name = '', slug, description = configDefaults.description } = input
  const { tags = configDefaults.tags, defaultRunMetadata = configDefaults.defaultRunMetadata } = input
  const nameProblem = name === '' ? 'is required' : textProblem(name, 1, 255)
  if (nameProblem !== undefined) say('name', nameProblem)
  else if (name.trim() === '') say('name', 'must not be blank')

  const slugCheck = slug === undefined ? { ok: true as const } : checkSlug(slug)
  if (!slugCheck.ok) say('slug', slugCheck.reason)

  const descriptionProblem = textProblem(description, 0, 4_096)
  if (descriptionProblem !== undefined) say('description', descriptionProblem)

  checkMap('tags', tags, { entries: 20, valueCharacters: 256 }, say)
  checkMap('default_run_metadata', defaultRunMetadata, { entries: 50, valueCharacters: 1_024 }, say)
  return { name, slug, description, tags, defaultRunMetadata }
}
