// Which version of a job a run resolves to at its first start. From then on it is frozen to it.

/** Says which version runs resolve to. */
export type VersionPolicy = 'pin' | 'latest' | 'minor'

/** One step from a version to the next. */
export interface VersionStep {
  /** The version stepped to. */
  readonly version: number
  /** Whether it can serve the runs of the version before it. */
  readonly compatible: boolean
}

/** What resolving needs to know. */
export interface VersionQuestion {
  readonly policy: VersionPolicy
  /** The version that the run was triggered with. */
  readonly triggered: number
  /** The versions after that one in their order; for `minor` alone, and no more than up to the first breaking one are needed. */
  readonly steps: readonly VersionStep[]
  /** The newest version that is known; for `latest` alone. */
  readonly newest: number
}

/**
 * The version that a run resolves to. `pin`: the triggered one. `latest`: the newest, never one before the triggered. `minor`: the
 * highest that is reached over compatible steps only; it stops before the first breaking one, and before a gap in what is known.
 */
export function resolveVersion({ policy, triggered, steps, newest }: VersionQuestion): number {
  switch (policy) {
    case 'pin':
      return triggered
    case 'latest':
      return Math.max(triggered, newest)
    case 'minor': {
      let reached = triggered
      for (const { version, compatible } of steps) {
        if (version <= reached) continue
        if (version !== reached + 1 || !compatible) break
        reached = version
      }
      return reached
    }
    default:
      return policy satisfies never
  }
}
