// Jobs whose runs Admission leaves out because they are held, and jobs whose runs come back. Pure; part of Admission.
//
//   leavesOut(entry): held ──▶ the job is noted ──▶ release(): held no more ──▶ wanted(), page by page ──▶ all there
//
// Only jobs of which a run was met are noted, so that the list stays as short as what it is for: telling Postgres what to leave out.

import { type Entry, type LaneKey, laneStart } from './entry.ts'

/** A page of one job's runs that is wanted. */
export interface JobPageWanted {
  readonly jobId: string
  readonly shard: number
  readonly after: LaneKey
}

/** What Admission remembers of held jobs. */
export interface Holds {
  /** Whether a run is left out because its job is held; the job is noted then. */
  leavesOut(entry: Entry): boolean
  /** The noted jobs. */
  jobs(): readonly string[]
  /** A job is noted no more, and comes back no more. */
  forgetJob(jobId: string): void
  /** Has the runs of noted jobs that are held no more come back, of all or only of these; true when there are any. */
  release(jobIds?: Iterable<string>): boolean
  /** The page that is wanted next. */
  wanted(): JobPageWanted | undefined
  /** Whether a page is still wanted as it was asked for. */
  isWanted(page: JobPageWanted): boolean
  /** A page came; where the next one begins, undefined when it was the last. */
  paged(page: JobPageWanted, next: LaneKey | undefined): void
  /** All shards are paged in from their beginning: what is held no more comes with them. */
  pagesBeginAnew(): void
  /** Shards now belong to another. */
  forget(shards: ReadonlySet<number>): void
}

/** No job is noted yet. */
export function createHolds(isHeld: (jobId: string) => boolean): Holds {
  const noted = new Map<string, number>()
  const returning = new Map<string, JobPageWanted>()
  return {
    leavesOut({ jobId, shard }) {
      if (!isHeld(jobId)) return false
      noted.set(jobId, shard)
      returning.delete(jobId)
      return true
    },
    jobs: () => [...noted.keys()],
    forgetJob(jobId) {
      noted.delete(jobId)
      returning.delete(jobId)
    },
    release(jobIds = noted.keys()) {
      let some = false
      for (const jobId of jobIds) {
        const shard = noted.get(jobId)
        if (shard === undefined || isHeld(jobId)) continue
        noted.delete(jobId)
        returning.set(jobId, { jobId, shard, after: laneStart })
        some = true
      }
      return some
    },
    wanted: () => returning.values().next().value,
    isWanted: (page) => returning.get(page.jobId) === page,
    paged(page, next) {
      // To the end of the line: several jobs that come back take turns.
      returning.delete(page.jobId)
      if (next !== undefined) returning.set(page.jobId, { ...page, after: next })
    },
    pagesBeginAnew: () => returning.clear(),
    forget(shards) {
      for (const [jobId, shard] of noted) if (shards.has(shard)) noted.delete(jobId)
      for (const [jobId, { shard }] of returning) if (shards.has(shard)) returning.delete(jobId)
    },
  }
}
