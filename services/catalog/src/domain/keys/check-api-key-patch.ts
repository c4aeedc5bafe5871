// How a change of an API key is read: which fields it names, and what they shall be. A field that is named and not set is
// cleared; the name cannot be.

import type { Problem } from '../jobs/job-input.ts'
import { quoteShort } from '../text-rules.ts'
import { checkKeyEnd, checkKeyName, collectKeyProblems } from './check-api-key-fields.ts'
import type { ApiKeyInput } from './check-new-api-key.ts'

/** A change as its caller gave it. */
export interface ApiKeyPatchInput {
  /** Undefined when no key was given. */
  readonly key: Pick<ApiKeyInput, 'name' | 'expiresAt'> | undefined
  /** The fields to change, by their names in the schema; undefined when no mask was given. */
  readonly mask: readonly string[] | undefined
}

/** What shall be another than it is; what is absent stays. */
export interface ApiKeyPatch {
  readonly name?: string
  /** `at` is undefined for never. */
  readonly end?: { readonly at: Date | undefined }
}

/** What came of the check. */
export type CheckedPatch =
  | { readonly ok: true; readonly patch: ApiKeyPatch }
  | { readonly ok: false; readonly problems: readonly Problem[] }

const changeable = ['name', 'expires_at']
// More than anybody mends at once.
const maxPathsNamed = 20

/** Reads a change, or names everything that is wrong with it. `known` are the fields that the schema has. */
export function checkApiKeyPatch({ key, mask }: ApiKeyPatchInput, known: ReadonlySet<string>): CheckedPatch {
  const { say, problems } = collectKeyProblems()
  const inMask = (description: string) => problems.push({ field: 'update_mask', description })
  const paths = new Set(mask)
  if (key === undefined) problems.push({ field: 'api_key', description: 'is required' })
  if (mask === undefined) inMask('is required: which of name and expires_at to change')
  const wrong = [...paths].filter((path) => !changeable.includes(path))
  for (const path of wrong.slice(0, maxPathsNamed)) inMask(`${quoteShort(path)} ${whyNot(path, known)}`)

  if (key !== undefined && paths.has('name')) checkKeyName(key.name, say)
  const at = paths.has('expires_at') ? checkKeyEnd(key?.expiresAt, say) : undefined
  if (key === undefined || problems.length > 0) return { ok: false, problems }
  return {
    ok: true,
    patch: { ...(paths.has('name') && { name: key.name }), ...(paths.has('expires_at') && { end: { at } }) },
  }
}

function whyNot(path: string, known: ReadonlySet<string>): string {
  if (path === 'scopes') return 'is fixed when a key is made: make another key'
  return known.has(path) ? 'is set by the catalog alone' : 'is no field of an API key'
}
