// Which fields a change names, and the etag that it was decided on. What only the catalog may say is passed over, so that a thing that was
// read can be given back as it is.

import type { Problem } from './jobs/job-input.ts'
import { quoteShort } from './text-rules.ts'

// More than anybody mends at once.
const maxPathsNamed = 20

/** What a mask may name. */
export interface MaskRules {
  /** The fields that the schema has. */
  readonly known: ReadonlySet<string>
  /** What is changed: `a job`. */
  readonly what: string
  /** Why a field that the schema has may not be named all the same; undefined for one that may. */
  readonly whyNot?: (path: string) => string | undefined
}

/** What a change names, and what is wrong with it. */
export function checkMask(
  mask: readonly string[] | undefined,
  { known, what, whyNot }: MaskRules,
): { readonly paths: ReadonlySet<string>; readonly problems: readonly Problem[] } {
  const inMask = (description: string): Problem => ({ field: 'update_mask', description })
  if (mask === undefined)
    return { paths: new Set(), problems: [inMask(`is required: which fields of ${what} to change`)] }
  const paths = new Set(mask)
  const problems = [...paths].flatMap((path) => {
    const why = known.has(path) ? whyNot?.(path) : whyUnknown(path, known, what)
    return why === undefined ? [] : [inMask(`${quoteShort(path)} ${why}`)]
  })
  return { paths, problems: problems.slice(0, maxPathsNamed) }
}

function whyUnknown(path: string, known: ReadonlySet<string>, what: string): string {
  const whole = path.split('.', 1)[0] ?? ''
  return known.has(whole) ? `names a part of ${whole}, which is changed whole` : `is no field of ${what}`
}

/** What is wrong with an etag that was given. */
export function etagProblems(etag: string | undefined): readonly Problem[] {
  return etag === '' ? [{ field: 'etag', description: 'must not be empty; leave it out for any' }] : []
}
