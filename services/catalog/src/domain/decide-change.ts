// What becomes of a change of a thing whose revision counts its changes: refused, nothing to write, or written.

import { isDeepStrictEqual } from 'node:util'
import { etagOf } from './etag.ts'

/** Whether an etag names another state than the one that a thing is in; none names any. */
export function isOther(thing: { readonly revision: number }, etag: string | undefined): boolean {
  return etag !== undefined && etag !== etagOf(thing)
}

/** The thing with other values; undefined where every value is there already, so that nothing is to be written. */
export function changeOf<T extends object>(thing: T, values: Partial<T>): T | undefined {
  const changed = { ...thing, ...values }
  return isDeepStrictEqual(thing, changed) ? undefined : changed
}
