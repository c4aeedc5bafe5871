// Which fields a change names. What only the catalog may say is passed over, so that a thing that was read can be given back as it is.

import type { Problem } from './jobs/job-input.ts'
import { quoteShort } from './text-rules.ts'

// More than anybody mends at once.
const maxPathsNamed = 20

/** What a change names of the fields that it may name, and what is wrong with the rest. */
export function checkMask(
  mask: readonly string[] | undefined,
  fields: {
    readonly changeable: readonly string[]
    readonly known: ReadonlySet<string>
    readonly what: string
  },
): { readonly paths: ReadonlySet<string>; readonly problems: readonly Problem[] } {
  const { changeable, known, what } = fields
  const inMask = (description: string): Problem => ({ field: 'update_mask', description })
  if (mask === undefined)
    return {
      paths: new Set(),
      problems: [inMask(`is required: which of ${changeable.join(', ')} to change`)],
    }
  const paths = new Set(mask)
  const unknown = [...paths].filter((path) => !known.has(path)).slice(0, maxPathsNamed)
  return { paths, problems: unknown.map((path) => inMask(`${quoteShort(path)} is no field of ${what}`)) }
}

/** What is wrong with an etag that was given. */
export function etagProblems(etag: string | undefined): readonly Problem[] {
  return etag === '' ? [{ field: 'etag', description: 'must not be empty; leave it out for any' }] : []
}
