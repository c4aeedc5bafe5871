// Runs that are being stored, by job: decided on, and not yet seen by whoever counts. A job that is being deleted is counted after them.

export interface UnderWay {
  /** Keeps count of one until it is over; answers the same. */
  track<T>(jobId: string, storing: Promise<T>): Promise<T>
  /** Resolves when what is under way now of these jobs is over, however it ended. */
  over(jobIds: readonly string[]): Promise<unknown>
}

/** Nothing is under way. */
export function createUnderWay(): UnderWay {
  const byJob = new Map<string, Set<Promise<unknown>>>()

  function forget(jobId: string, storing: Promise<unknown>): void {
    const ofJob = byJob.get(jobId)
    ofJob?.delete(storing)
    if (ofJob?.size === 0) byJob.delete(jobId)
  }

  return {
    track(jobId, storing) {
      const ofJob = byJob.get(jobId) ?? new Set()
      byJob.set(jobId, ofJob.add(storing))
      const over = () => forget(jobId, storing)
      storing.then(over, over)
      return storing
    },
    over: (jobIds) => Promise.allSettled(jobIds.flatMap((jobId) => [...(byJob.get(jobId) ?? [])])),
  }
}
