// Which waiting run starts next. Pure and synchronous: it sees entries, a time and the room there is, and nothing else.
//
//   offer(entry) ──▶ [ lane, ordered by due time, then id ] ──▶ take(now, room)
//                          │ more than `capacity`: the tail is dropped, Postgres has it (`beyond` says from where on)
//                          └──▶ page(entries, from Postgres) when little is left
//
// Invariants: a run is held once, with its highest fence. Up to `beyond`, everything that was offered is held; after `beyond`,
// nothing is held and every offer is dropped, because a page will bring it in its order.

import { compareKeys, type Entry, type LaneKey, laneStart } from './entry.ts'
import { createHeap } from './heap.ts'

/** The lane of waiting runs that a dispatcher owns. */
export interface Admission {
  /** Takes in a waiting run, a newer state of one that is held included. */
  offer(entry: Entry): void
  /** Takes out what may start now, in order, at most `room` runs. */
  take(nowMs: number, room: number): Entry[]
  /** Drops runs of shards that now belong to another. */
  forget(shards: ReadonlySet<number>): void
  /** Shards were won: what they hold is only in Postgres yet. */
  expectBacklog(): void
  /** After which key to page in: undefined while nothing is left out or enough is held. */
  wantsPageAfter(): LaneKey | undefined
  /** Takes in the page after a key that `wantsPageAfter` gave; complete when nothing follows it. One that was overtaken is ignored. */
  page(after: LaneKey, entries: readonly Entry[], complete: boolean): void
  /** When the next held run is due. */
  nextDueAtMs(): number | undefined
  readonly size: number
}

/** An empty lane that holds at most `capacity` runs. */
export function createAdmission(capacity: number): Admission {
  let lane = createHeap<Entry>(compareKeys)
  // Entries in the heap that this map does not hold under their run id were replaced or forgotten; they are skipped.
  let held = new Map<string, Entry>()
  let beyond: LaneKey | undefined

  function rebuild(entries: readonly Entry[]): void {
    held = new Map(entries.map((entry) => [entry.runId, entry]))
    lane = createHeap(compareKeys, entries)
  }

  function spill(): void {
    const sorted = [...held.values()].sort(compareKeys)
    const kept = sorted.slice(0, Math.ceil(capacity / 2))
    beyond = kept.at(-1)
    rebuild(kept)
  }

  function offer(entry: Entry): void {
    const before = held.get(entry.runId)
    if (before !== undefined && before.fence >= entry.fence && before.dueAtMs === entry.dueAtMs) return
    if (before !== undefined && before.fence > entry.fence) return
    if (beyond !== undefined && compareKeys(entry, beyond) > 0) {
      held.delete(entry.runId)
      return
    }
    held.set(entry.runId, entry)
    lane.push(entry)
    if (held.size > capacity) spill()
  }

  function peek(): Entry | undefined {
    for (let top = lane.peek(); top !== undefined; top = lane.peek()) {
      if (held.get(top.runId) === top) return top
      lane.pop()
    }
    return undefined
  }

  return {
    offer,
    take(nowMs, room) {
      const taken: Entry[] = []
      while (taken.length < room) {
        const top = peek()
        if (top === undefined || top.dueAtMs > nowMs) break
        lane.pop()
        held.delete(top.runId)
        taken.push(top)
      }
      return taken
    },
    forget(shards) {
      rebuild([...held.values()].filter((entry) => !shards.has(entry.shard)))
    },
    expectBacklog() {
      // A key of its own each time, so that a page still under way is known to be overtaken.
      beyond = { ...laneStart }
      // What is held stands after the lane's start too: the pages bring it again, in order.
      rebuild([])
    },
    wantsPageAfter: () => (beyond !== undefined && held.size <= capacity / 4 ? beyond : undefined),
    page(after, entries, complete) {
      if (after !== beyond) return
      beyond = complete ? undefined : (entries.at(-1) ?? beyond)
      for (const entry of entries) offer(entry)
    },
    nextDueAtMs: () => peek()?.dueAtMs,
    get size() {
      return held.size
    },
  }
}
