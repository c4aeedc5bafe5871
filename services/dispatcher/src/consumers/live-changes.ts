// What follows at once from a change of the catalog that this process has heard of. It is called in the same turn of the event loop in which
// memory takes the change in, and before the catalog hears that we have: when whoever changed it is answered, no run that the change
// holds is sent any more.

import type { HeadChange } from '@strait/catalog-follower/head-change'

/** Whom it concerns. */
export interface LiveChangeDeps {
  readonly isCanceled: (jobId: string) => boolean
  /** Has what is held no more come back; true when there is anything. */
  readonly releaseHeld: () => boolean
  /** A look at what comes back is worth it. */
  readonly onReleased: () => void
  /** A job was deleted with its unfinished runs. */
  readonly onCanceled: (jobId: string) => void
}

/** A listener to changes of the catalog. */
export function createLiveChanges(deps: LiveChangeDeps): (changes: readonly HeadChange[]) => void {
  return (changes) => {
    if (deps.releaseHeld()) deps.onReleased()
    for (const { kind, now } of changes)
      if (kind === 'job' && deps.isCanceled(now.id)) deps.onCanceled(now.id)
  }
}
