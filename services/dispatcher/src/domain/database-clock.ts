// The database's time as this process knows it: the own clock plus the offset that the last exchange showed. Due times are the database's,
// so that a process whose clock is off by an hour still starts runs when they are due.

/** A clock that is set by exchanges with the database. */
export interface DatabaseClock {
  nowMs(): number
  /** Takes in one exchange: what the database said, and the own clock before and after. */
  set(databaseMs: number, askedAtMs: number, answeredAtMs: number): void
}

/** A clock over the process's own. */
export function createDatabaseClock(ownNowMs: () => number): DatabaseClock {
  let offsetMs = 0
  return {
    nowMs: () => ownNowMs() + offsetMs,
    set(databaseMs, askedAtMs, answeredAtMs) {
      // The database answered somewhere between; the middle is off by half the round trip at most.
      offsetMs = databaseMs - (askedAtMs + answeredAtMs) / 2
    },
  }
}
