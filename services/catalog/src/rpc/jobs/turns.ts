// One after the other where many at once would only be in each other's way: changes of one job, new jobs of one name. Each
// of n that decide on the same state costs all the others a turn, n²/2 in all; in a line they cost n. Nothing rests on it:
// the other replicas have lines of their own, and who was first is decided by the database.
//
// A line is as long as the calls that this process takes at once, and is forgotten with the last of them.

/** Does work when its turn comes; `waited` says whether somebody was before. */
export type Turns = <T>(key: string, work: (waited: boolean) => Promise<T>) => Promise<T>

/** Lines by key, all empty. */
export function createTurns(): Turns {
  const lasts = new Map<string, Promise<void>>()
  return async (key, work) => {
    const before = lasts.get(key)
    const { promise: mine, resolve: leave } = Promise.withResolvers<void>()
    lasts.set(key, mine)
    await before
    try {
      return await work(before !== undefined)
    } finally {
      leave()
      if (lasts.get(key) === mine) lasts.delete(key)
    }
  }
}
