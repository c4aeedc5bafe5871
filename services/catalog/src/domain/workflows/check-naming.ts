// What people and files call a workflow by: name, slug, description, labels.

import { checkChosenSlug, checkDescription, checkName } from '../check-name-and-slug.ts'
import { checkMap, tagBounds } from '../field-rules.ts'
import type { Say } from '../jobs/job-input.ts'
import type { WorkflowConfig } from './workflow.ts'
import type { WorkflowInput } from './workflow-input.ts'

type Naming = Pick<WorkflowConfig, 'name' | 'description' | 'tags'> & {
  /** Undefined when it shall be made from the name. */
  readonly slug: string | undefined
}

/** Checks the fields that name and describe a workflow. */
export function checkNaming(
  { name = '', slug, description = '', tags = {} }: WorkflowInput,
  say: Say,
): Naming {
  checkName(name, say)
  checkChosenSlug(slug, say)
  checkDescription(description, say)
  checkMap(say, 'tags', tags, tagBounds)
  return { name, slug, description, tags }
}
