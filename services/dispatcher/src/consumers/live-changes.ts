// What follows at once from a change of the catalog that this process has heard of. It is called in the same turn of the event loop in which
// memory takes the change in, and before the catalog hears that we have: when whoever changed it is answered, no run that the change
// holds is sent any more.

import type { ChangeListener } from '@strait/catalog-follower/change-listeners'
import type { HeadChange } from '@strait/catalog-follower/head-change'

/** Whom it concerns. */
export interface LiveChangeDeps {
  readonly isCanceled: (jobId: string) => boolean
  /** Has what is held no more come back, of these jobs or of all; true when there is anything. */
  readonly releaseHeld: (jobIds?: readonly string[]) => boolean
  /** A look at what comes back is worth it. */
  readonly onReleased: () => void
  /** Resolves when every run of these jobs that is being stored now is there, or will never be. */
  readonly stored: (jobIds: readonly string[]) => Promise<unknown>
  /** A job was deleted with its unfinished runs. */
  readonly onCanceled: (jobId: string) => void
}

/**
 * A listener to changes of the catalog. A job that is closed, so that it can be deleted, has heard of here once what was decided on before is
 * stored: it is counted then.
 */
export function createLiveChanges(deps: LiveChangeDeps): ChangeListener {
  return (changes) => {
    if (deps.releaseHeld(jobsIn(changes))) deps.onReleased()
    for (const { kind, now } of changes)
      if (kind === 'job' && deps.isCanceled(now.id)) deps.onCanceled(now.id)
    const closing = changes.flatMap(({ kind, now }) => (kind === 'job' && now.closing ? [now.id] : []))
    return closing.length === 0 ? undefined : deps.stored(closing)
  }
}

/** The jobs that changes may free; undefined for whichever, because a group or a project frees those that are in it. */
function jobsIn(changes: readonly HeadChange[]): readonly string[] | undefined {
  if (changes.some(({ kind }) => kind === 'project' || kind === 'job_group')) return undefined
  return changes.flatMap(({ kind, now }) => (kind === 'job' ? [now.id] : []))
}
