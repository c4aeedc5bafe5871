// What becomes of an API key that somebody wants to change. What gives power needs that power: a rotation hands out a token
// with the key's scopes, and a later end prolongs them, or revives a key that had ended; so both want a caller who has every
// scope of the key. What takes power away (an earlier end, a revocation) or changes none (a name) does not: whoever manages
// keys can always stop one.

import { etagOf } from '../etag.ts'
import type { ApiKeyRecord } from './api-key-record.ts'
import type { ApiKeyPatch } from './check-api-key-patch.ts'
import { missingScopes } from './check-scopes.ts'

/** A change that is not made. */
export type Refused =
  | { readonly to: 'refuse'; readonly reason: 'API_KEY_REVOKED' | 'ETAG_MISMATCH' }
  | {
      readonly to: 'refuse'
      readonly reason: 'NOT_ALLOWED'
      /** The first scope of the key that the caller lacks. */
      readonly scope: string
    }

/** What an update does. */
export type UpdateDecision =
  | Refused
  /** Every value is there already: nothing is written. */
  | { readonly to: 'keep' }
  | {
      readonly to: 'write'
      readonly name: string
      readonly expiresAt: Date | undefined
      /** Whether what others know of the key's end is no longer true. */
      readonly endMoved: boolean
    }

/** Decides about an update. `own` is what the caller may do, `etag` the state that the caller decided on. */
export function decideUpdate(
  key: ApiKeyRecord,
  { name = key.name, end }: ApiKeyPatch,
  { own, etag }: { readonly own: ReadonlySet<string>; readonly etag: string | undefined },
): UpdateDecision {
  if (key.revokedAt !== undefined) return { to: 'refuse', reason: 'API_KEY_REVOKED' }
  if (etag !== undefined && etag !== etagOf(key)) return { to: 'refuse', reason: 'ETAG_MISMATCH' }
  const expiresAt = end === undefined ? key.expiresAt : end.at
  const [before, after] = [endOf(key.expiresAt), endOf(expiresAt)]
  if (name === key.name && before === after) return { to: 'keep' }
  const refused = after > before ? refusePower(key, own) : undefined
  return refused ?? { to: 'write', name, expiresAt, endMoved: before !== after }
}

/** Decides about a rotation. */
export function decideRotation(
  key: ApiKeyRecord,
  own: ReadonlySet<string>,
): Refused | { readonly to: 'write' } {
  if (key.revokedAt !== undefined) return { to: 'refuse', reason: 'API_KEY_REVOKED' }
  return refusePower(key, own) ?? { to: 'write' }
}

function refusePower({ scopes }: ApiKeyRecord, own: ReadonlySet<string>): Refused | undefined {
  const [scope] = missingScopes(own, scopes)
  return scope === undefined ? undefined : { to: 'refuse', reason: 'NOT_ALLOWED', scope }
}

function endOf(at: Date | undefined): number {
  return at?.getTime() ?? Number.POSITIVE_INFINITY
}
