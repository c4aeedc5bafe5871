// Whether a change of a job makes a version, and whether that version can serve the runs of the one before it. Pure: the
// change has been checked, and what it is laid over has been read.

import { changedFields } from './changed-fields.ts'
import { callShapingFields, type JobConfig } from './job.ts'

/** What a job shall be. */
export interface Wanted {
  /** Whole and checked. */
  readonly config: JobConfig
  /**
   * Whether the change says itself if the version is backwards compatible. The flag belongs to one version and is never sticky: a
   * change that leaves it out writes false along with what it changes, and is none if it changes nothing else.
   */
  readonly saysCompatible: boolean
}

/** What is to be done. */
export type VersionDecision =
  | { readonly to: 'keep' }
  | {
      readonly to: 'write'
      /** Whether the new version can serve the runs of the version before it. */
      readonly compatible: boolean
    }

/** Decides what becomes of a change. */
export function decideVersion(before: JobConfig, { config, saysCompatible }: Wanted): VersionDecision {
  const changed = changedFields(before, config)
  const counts = changed.filter((field) => saysCompatible || field !== 'backwardsCompatible')
  if (counts.length === 0) return { to: 'keep' }
  return {
    to: 'write',
    compatible: config.backwardsCompatible || !changed.some((field) => callShapingFields.has(field)),
  }
}
