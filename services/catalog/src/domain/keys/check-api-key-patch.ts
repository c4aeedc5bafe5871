// How a change of an API key is read: which fields it names, and what they shall be. A field that is named and not set is
// cleared; the name cannot be.

import { checkMask } from '../check-mask.ts'
import type { Problem } from '../jobs/job-input.ts'
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

/** Reads a change, or names everything that is wrong with it. `known` are the fields that the schema has. */
export function checkApiKeyPatch({ key, mask }: ApiKeyPatchInput, known: ReadonlySet<string>): CheckedPatch {
  const { say, problems } = collectKeyProblems()
  const { paths, problems: inMask } = checkMask(mask, { known, what: 'an API key', whyNot })
  if (key === undefined) problems.push({ field: 'api_key', description: 'is required' })
  problems.push(...inMask)

  if (key !== undefined && paths.has('name')) checkKeyName(key.name, say)
  const at = paths.has('expires_at') ? checkKeyEnd(key?.expiresAt, say) : undefined
  if (key === undefined || problems.length > 0) return { ok: false, problems }
  return {
    ok: true,
    patch: { ...(paths.has('name') && { name: key.name }), ...(paths.has('expires_at') && { end: { at } }) },
  }
}

function whyNot(path: string): string | undefined {
  if (path === 'scopes') return 'is fixed when a key is made: make another key'
  return changeable.includes(path) ? undefined : 'is set by the catalog alone'
}
