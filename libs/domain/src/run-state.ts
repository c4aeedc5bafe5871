// The states of a run and the moves between them: the one law for every service. A store that writes a status
// carries the expected one in its WHERE; a write that changes no row is an ordinary answer, because somebody else
// moved the run first.

/**
 * From each status, those it may become. Two moves are narrower than the table can say: delayed and queued become
 * expired only before any attempt was sent, and executing becomes queued only when a living dispatcher gives the
 * run back unsent.
 */
export const moves = {
  // Not due: a future time, a closed window, or a retry that waits.
  delayed: ['queued', 'canceled', 'expired'],
  // Due; held back only by limits, pause, a disabled job, an open breaker, overlap or capacity.
  queued: ['executing', 'delayed', 'canceled', 'expired'],
  // An attempt is in flight.
  executing: ['completed', 'failed', 'timed_out', 'crashed', 'canceled', 'delayed', 'waiting', 'queued'],
  // The endpoint answered 202 and reports by itself.
  waiting: ['completed', 'failed', 'timed_out', 'canceled', 'delayed'],
  completed: [],
  failed: [],
  timed_out: [],
  crashed: [],
  canceled: [],
  expired: [],
} as const satisfies Record<string, readonly string[]>

export type RunStatus = keyof typeof moves

/** Every status, live ones first, in the order of a run's life. */
export const runStatuses = Object.keys(moves) as readonly RunStatus[]

/** Says whether the text is the name of a status. */
export function isRunStatus(text: string): text is RunStatus {
  return Object.hasOwn(moves, text)
}

/** Says whether a run in this status stays as it is for ever. */
export function isTerminal(status: RunStatus): boolean {
  return moves[status].length === 0
}

/** Says whether a run may go from one status to the other; staying is not a move. */
export function canMove(from: RunStatus, to: RunStatus): boolean {
  return (moves[from] as readonly RunStatus[]).includes(to)
}
