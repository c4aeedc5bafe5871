// Whether a new API key may be stored as it was given: every problem is found at once. Pure: what the caller may do and what
// time it is are arguments.

import type { Problem } from '../jobs/job-input.ts'
import { checkKeyEnd, checkKeyName, collectKeyProblems } from './check-api-key-fields.ts'
import type { GivenInstant } from './check-instant.ts'
import { missingScopes, scopeProblems } from './check-scopes.ts'

/** A key as its creator gave it. What only the catalog may say is not read. */
export interface ApiKeyInput {
  readonly name: string
  readonly scopes: readonly string[]
  readonly expiresAt: GivenInstant | undefined
}

/** A key that may be stored. */
export interface NewApiKeyFields {
  readonly name: string
  readonly scopes: readonly string[]
  readonly expiresAt: Date | undefined
}

/** What came of the check. A key that is wrong is said before a scope that the caller may not give. */
export type CheckedApiKey =
  | { readonly ok: true; readonly key: NewApiKeyFields }
  | { readonly ok: false; readonly reason: 'FIELD_INVALID'; readonly problems: readonly Problem[] }
  | {
      readonly ok: false
      readonly reason: 'NOT_ALLOWED'
      readonly problems: readonly Problem[]
      /** The first of the scopes that the caller lacks. */
      readonly scope: string
    }

/** Checks a new key, or names everything that is wrong with it. `own` is what the caller may do. */
export function checkNewApiKey(input: ApiKeyInput, own: ReadonlySet<string>, now: Date): CheckedApiKey {
  const { name, scopes } = input
  const { say, problems } = collectKeyProblems()
  checkKeyName(name, say)
  for (const { index, description } of scopeProblems(scopes))
    say(index === undefined ? 'scopes' : `scopes[${index}]`, description)
  const expiresAt = checkKeyEnd(input.expiresAt, say)
  // A past time stops a key that is there; nobody wants a new one stopped, so it is a slip.
  if (expiresAt !== undefined && expiresAt <= now) say('expires_at', 'has passed; leave it out for never')
  if (problems.length > 0) return { ok: false, reason: 'FIELD_INVALID', problems }

  const lacking = missingScopes(own, scopes)
  for (const scope of lacking) say(`scopes[${scopes.indexOf(scope)}]`, `your own key lacks ${scope}`)
  const [scope] = lacking
  if (scope !== undefined) return { ok: false, reason: 'NOT_ALLOWED', problems, scope }
  return { ok: true, key: { name, scopes, expiresAt } }
}
