// Answers that are waited for: which followers have not yet said that they took a change in. An answer that comes late, twice, or from
// somebody who was not asked changes nothing.

export interface AwaitedAnswers {
  /** Calls back, once, when all have answered or left: at once when there are none. Answers how to wait no longer. */
  expect(changeId: string, followerIds: readonly string[], onAll: () => void): () => void
  /** One follower took one change in. */
  heard(changeId: string, followerId: string): void
  /** One follower will answer no more. */
  left(followerId: string): void
}

interface Awaited {
  readonly missing: Set<string>
  readonly onAll: () => void
}

/** Nothing is waited for yet. */
export function createAwaitedAnswers(): AwaitedAnswers {
  const awaited = new Map<string, Awaited>()

  function strike(changeId: string, { missing, onAll }: Awaited, followerId: string): void {
    missing.delete(followerId)
    if (missing.size > 0) return
    awaited.delete(changeId)
    onAll()
  }

  return {
    expect(changeId, followerIds, onAll) {
      if (followerIds.length === 0) onAll()
      else awaited.set(changeId, { missing: new Set(followerIds), onAll })
      return () => void awaited.delete(changeId)
    },
    heard(changeId, followerId) {
      const one = awaited.get(changeId)
      if (one !== undefined) strike(changeId, one, followerId)
    },
    left(followerId) {
      for (const [changeId, one] of [...awaited]) strike(changeId, one, followerId)
    },
  }
}
