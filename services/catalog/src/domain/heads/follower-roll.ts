// Who follows the catalog right now: whoever said so within the last three seconds. Followers say it every second, so two lost messages in
// a row forget nobody, and one that died is waited for three seconds at most.

/** How long somebody who said to be there counts as being there. */
const thereForMs = 3_000

// More replicas than anybody runs; what comes beyond it is not waited for.
const maxFollowers = 1_000
const maxIdLength = 64

/** The followers, by their own ids. Times are of one monotonic clock. */
export interface FollowerRoll {
  /** One said to be there. */
  seen(followerId: string, nowMs: number): void
  /** One said to go. */
  left(followerId: string): void
  /** Who is there. */
  there(nowMs: number): readonly string[]
}

/** A roll with nobody on it. */
export function createFollowerRoll(): FollowerRoll {
  const seenAt = new Map<string, number>()

  function forget(nowMs: number): void {
    for (const [id, at] of seenAt) if (nowMs - at >= thereForMs) seenAt.delete(id)
  }

  return {
    seen(followerId, nowMs) {
      if (followerId === '' || followerId.length > maxIdLength) return
      if (seenAt.size >= maxFollowers && !seenAt.has(followerId)) forget(nowMs)
      if (seenAt.size >= maxFollowers && !seenAt.has(followerId)) return
      seenAt.set(followerId, nowMs)
    },
    left: (followerId) => void seenAt.delete(followerId),
    there(nowMs) {
      forget(nowMs)
      return [...seenAt.keys()]
    },
  }
}
