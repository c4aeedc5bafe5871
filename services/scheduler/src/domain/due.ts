/** An occurrence that shall become a run. */
export interface DueItem {
  readonly runId: string
  readonly projectId: string
  readonly jobId: string
  readonly scheduleId: string
  readonly nominalAt: Date
  /** JSON text, byte for byte. */
  readonly payload: string
}

/** What came of a due item: the run is there, or it was refused for good. */
export interface DueOutcome {
  readonly runId: string
  readonly refused: string | undefined
}
