// A waiting run as its owner holds it: just enough to decide on its start. The payload stays in Postgres until then.

/** A waiting run in memory. */
export interface Entry {
  readonly runId: string
  readonly projectId: string
  readonly jobId: string
  readonly shard: number
  /** Version of the job that the run is pinned to. */
  readonly version: number
  readonly dueAtMs: number
  /** The fence it stands at: a start on any other is void. */
  readonly fence: number
  readonly attempt: number
}

/** A place in the lane's order: due time, then id. */
export interface LaneKey {
  readonly dueAtMs: number
  readonly runId: string
}

/** The order of the lane. */
export function compareKeys(a: LaneKey, b: LaneKey): number {
  return a.dueAtMs - b.dueAtMs || (a.runId < b.runId ? -1 : a.runId > b.runId ? 1 : 0)
}

/** Before every run. */
export const laneStart: LaneKey = { dueAtMs: Number.NEGATIVE_INFINITY, runId: '' }
