// Which waiting run starts next. Pure and synchronous: it sees entries, a time, the room there is and which jobs are held, and nothing else.
//
//   offer(entry) ──▶ [ lane, ordered by due time, then id ] ──▶ take(now, room)
//                          │ more than `capacity`: the tail is dropped, Postgres has it (`beyond` says from where on)
//                          ├──▶ page(entries, from Postgres) when little is left
//                          │ of a held job: dropped, Postgres has it (`heldJobs` says of which jobs)
//                          └──▶ pageOfJob(entries, from Postgres) when it is held no more
//
// Invariants: a run is held in memory once, with its highest fence. Up to `beyond`, everything that was offered is in memory, save the runs
// of jobs that are held or still being brought back; after `beyond`, nothing is, and every offer is dropped, because a page will
// bring it in its order. A held job takes no room, hides nobody's runs, and its own come back in their order.
//
// What a hold guarantees: `take` asks whether a job is held at the very moment it hands a run out, in the same turn of the event loop. A change
// that this process has heard of is therefore seen by every later `take`. What was taken before and is not on its way to the
// endpoint yet is asked for once more where its request is about to be written (see loops/calls.ts).

import { compareKeys, type Entry, type LaneKey, laneStart } from './entry.ts'
import { createHeap } from './heap.ts'
import { createHolds, type JobPageWanted } from './holds.ts'

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
  /** After which key to page in: undefined while nothing is left out or enough is in memory. */
  wantsPageAfter(): LaneKey | undefined
  /**
   * Takes in the page after a key that `wantsPageAfter` gave, the runs of `heldJobs` left out; `next` is where the reading goes on,
   * undefined when nothing follows. One that was overtaken is ignored.
   */
  page(after: LaneKey, entries: readonly Entry[], next: LaneKey | undefined): void
  /** Jobs whose runs were left out because they are held. */
  heldJobs(): readonly string[]
  /** All that waits of a job is about to be ended: it is met anew if more comes. */
  forgetJob(jobId: string): void
  /** What is held may have changed, of these jobs or of all: the runs of those that no longer are come back from Postgres. True when there are any. */
  releaseHeld(jobIds?: Iterable<string>): boolean
  /** Of which job to page in after which key; undefined when none comes back. */
  wantsPageOfJob(): JobPageWanted | undefined
  /** Takes in the page that `wantsPageOfJob` asked for; complete when nothing follows it. One that was overtaken is ignored. */
  pageOfJob(wanted: JobPageWanted, entries: readonly Entry[], complete: boolean): void
  /** When the next run in memory is due. */
  nextDueAtMs(): number | undefined
  readonly size: number
}

/** An empty lane with at most `capacity` runs in memory. `isHeld` says of a job, now, that none of its runs may start. */
export function createAdmission(capacity: number, isHeld: (jobId: string) => boolean): Admission {
  let lane = createHeap<Entry>(compareKeys)
  // Entries in the heap that this map does not have under their run id were replaced or forgotten; they are skipped.
  let held = new Map<string, Entry>()
  let beyond: LaneKey | undefined
  const holds = createHolds(isHeld)

  function rebuild(entries: readonly Entry[]): void {
    held = new Map(entries.map((entry) => [entry.runId, entry]))
    lane = createHeap(compareKeys, entries)
  }

  function spill(): void {
    const free = [...held.values()].filter((entry) => !holds.leavesOut(entry))
    if (free.length > capacity / 2) {
      free.sort(compareKeys).splice(Math.ceil(capacity / 2))
      beyond = free.at(-1)
    }
    rebuild(free)
  }

  function offer(entry: Entry): void {
    const before = held.get(entry.runId)
    if (before !== undefined && before.fence >= entry.fence && before.dueAtMs === entry.dueAtMs) return
    if (before !== undefined && before.fence > entry.fence) return
    if (holds.leavesOut(entry) || (beyond !== undefined && compareKeys(entry, beyond) > 0)) {
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
        if (!holds.leavesOut(top)) taken.push(top)
      }
      return taken
    },
    forget(shards) {
      rebuild([...held.values()].filter((entry) => !shards.has(entry.shard)))
      holds.forget(shards)
    },
    expectBacklog() {
      // A key of its own each time, so that a page still under way is known to be overtaken.
      beyond = { ...laneStart }
      // What is held stands after the lane's start too: the pages bring it again, in order.
      rebuild([])
      holds.pagesBeginAnew()
    },
    wantsPageAfter: () => (beyond !== undefined && held.size <= capacity / 4 ? beyond : undefined),
    page(after, entries, next) {
      if (after !== beyond) return
      beyond = next
      for (const entry of entries) offer(entry)
    },
    heldJobs: holds.jobs,
    forgetJob: holds.forgetJob,
    releaseHeld(jobIds) {
      if (!holds.release(jobIds)) return false
      // A page under way was read without those jobs: it would move `beyond` past runs that nobody has brought.
      if (beyond !== undefined) beyond = { ...beyond }
      return true
    },
    wantsPageOfJob: holds.wanted,
    pageOfJob(wanted, entries, complete) {
      if (!holds.isWanted(wanted)) return
      for (const entry of entries) offer(entry)
      const last = entries.at(-1)
      const isThrough =
        complete || last === undefined || (beyond !== undefined && compareKeys(last, beyond) >= 0)
      holds.paged(wanted, isThrough ? undefined : last)
    },
    nextDueAtMs: () => peek()?.dueAtMs,
    get size() {
      return held.size
    },
  }
}
