// Runs that are kept apart for a while because they could not be started, and are offered again after it. Only what is still owned is
// offered: a shard may have moved in the meantime, and its runs with it.

import type { Entry } from '../domain/entry.ts'

/** Runs that wait for another try. */
export interface Apart {
  /** Keeps a run apart for so long. */
  keep(entry: Entry, ms: number): void
  /** Offers a run again now. */
  giveBack(entry: Entry): void
  /** Forgets all of them: Postgres has them. */
  clear(): void
  readonly size: number
}

/** Nothing is apart. */
export function createApart(offer: (entry: Entry) => void, owned: () => ReadonlySet<number>): Apart {
  const timers = new Set<NodeJS.Timeout>()
  const giveBack = (entry: Entry) => {
    if (owned().has(entry.shard)) offer(entry)
  }
  return {
    giveBack,
    keep(entry, ms) {
      const timer = setTimeout(() => {
        timers.delete(timer)
        giveBack(entry)
      }, ms)
      timers.add(timer)
    },
    clear() {
      for (const timer of timers) clearTimeout(timer)
      timers.clear()
    },
    get size() {
      return timers.size
    },
  }
}
