// One boot of this dispatcher in the eyes of the others. It may start attempts while it is trusted, and write results until it was taken over.
// Trust runs on the own monotonic clock, from before the renewal was asked for, and ends a margin before the lease does: when
// this process was stopped for a minute and goes on, it knows at once that it must ask before it acts.

import { setMaxListeners } from 'node:events'

/** A living incarnation. */
export interface Incarnation {
  readonly execId: string
  /** Moves on with every shard that is given up. */
  generation: number
  readonly shards: Set<number>
  /** Whether starts may be made now. */
  trusted(): boolean
  /** The lease was renewed by a call that was begun at this monotonic time. */
  renewed(askedAt: number): void
  /** Aborted when it was taken over or retired. */
  readonly ended: AbortSignal
  end(): void
}

const marginShare = 0.2

/** A new incarnation, trusted from the call that made it known. */
export function createIncarnation(execId: string, leaseMs: number, askedAt: number): Incarnation {
  const over = new AbortController()
  // Every call in flight listens.
  setMaxListeners(0, over.signal)
  let trustedUntil = askedAt + leaseMs * (1 - marginShare)
  return {
    execId,
    generation: 1,
    shards: new Set(),
    trusted: () => !over.signal.aborted && performance.now() < trustedUntil,
    renewed(at) {
      trustedUntil = at + leaseMs * (1 - marginShare)
    },
    ended: over.signal,
    end: () => over.abort(),
  }
}
