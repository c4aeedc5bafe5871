import { isVersionId, type VersionId } from '@strait/domain/ids'

/** Names a version of a job: its number or its id. */
export type VersionRef = { readonly version: number } | { readonly versionId: VersionId }

/** Reads the name of a version; undefined for what names none. */
export function parseVersionRef(text: string): VersionRef | undefined {
  if (/^[1-9]\d{0,8}$/.test(text)) return { version: Number(text) }
  return isVersionId(text) ? { versionId: text } : undefined
}
