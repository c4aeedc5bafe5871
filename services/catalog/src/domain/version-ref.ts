// How a request names a version: by its number or by its `ver_` id. The two never look alike.

import { isVersionId, type VersionId } from '@strait/domain/ids'

/** A version as it was named. */
export type VersionRef = { readonly number: number } | { readonly id: VersionId }

const largestNumber = 2_147_483_647

/** Reads the name of a version; undefined for what is none. */
export function readVersionRef(text: string): VersionRef | undefined {
  if (isVersionId(text)) return { id: text }
  if (!/^[1-9]\d{0,9}$/.test(text) || Number(text) > largestNumber) return undefined
  return { number: Number(text) }
}
