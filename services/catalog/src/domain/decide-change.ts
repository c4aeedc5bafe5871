// What becomes of a change of a thing whose revision counts its changes: refused, nothing to write, or written.

import { isDeepStrictEqual } from 'node:util'
import { etagOf } from './etag.ts'

/** What a change does. */
export type ChangeDecision<T> =
  /** It was decided on another state. */
  | { readonly to: 'refuse' }
  /** Every value is there already: nothing is written. */
  | { readonly to: 'keep' }
  | { readonly to: 'write'; readonly thing: T }

/** Decides about a change. `values` are those that shall be, `etag` names the state that the caller decided on. */
export function decideChange<T extends { readonly revision: number }>(
  thing: T,
  values: Partial<T>,
  etag: string | undefined,
): ChangeDecision<T> {
  if (isOther(thing, etag)) return { to: 'refuse' }
  const changed = { ...thing, ...values }
  return isDeepStrictEqual(thing, changed) ? { to: 'keep' } : { to: 'write', thing: changed }
}

/** Whether an etag names another state than the one that a thing is in. */
export function isOther(thing: { readonly revision: number }, etag: string | undefined): boolean {
  return etag !== undefined && etag !== etagOf(thing)
}
