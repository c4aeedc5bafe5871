// What people and runs call the job by and find it by: name, slug, description, tags, the metadata every run inherits.

import { checkChosenSlug, checkDescription, checkName } from '../check-name-and-slug.ts'
import { checkMap, tagBounds } from '../field-rules.ts'
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
  checkName(name, say)
  checkChosenSlug(slug, say)
  checkDescription(description, say)
  checkMap(say, 'tags', tags, tagBounds)
  checkMap(say, 'default_run_metadata', defaultRunMetadata, { entries: 50, valueCharacters: 1_024 })
  return { name, slug, description, tags, defaultRunMetadata }
}
