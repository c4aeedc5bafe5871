// A change laid over a job: the fields that it names are as it says, all others as they are. What it names and does not set
// is left out of the whole, and so takes its default, or is refused where there is none.

import type { JobConfig } from './job.ts'
import type { JobInput } from './job-input.ts'

/** The job as it shall be, ready to be checked whole. `named` are the fields that the change names. */
export function layPatch(before: JobConfig, patch: JobInput, named: ReadonlySet<keyof JobInput>): JobInput {
  // The count of secrets is the catalog's own. Whether a version is compatible is said anew with each.
  const { webhookSecretRevision: _, backwardsCompatible: __, ...kept } = before
  const laid = [...named].map((field) => [field, patch[field]] as const)
  return { ...kept, ...Object.fromEntries(laid) }
}
