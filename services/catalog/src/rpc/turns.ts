// Changes of one thing that come to this process at once, one after another. What keeps them right is the condition in their write, between
// processes too; taking turns only spares them from deciding again and again on what another one just changed: of 50 at once, the last
// would decide 50 times.

/** Does work when the work before it under the same key has ended, well or not. */
export type InTurn = <T>(key: string, work: () => Promise<T>) => Promise<T>

/** Makes the turns of one process. What waits is as many calls as the server lets in. */
export function createTurns(): InTurn {
  const last = new Map<string, Promise<unknown>>()
  return async (key, work) => {
    const mine = (last.get(key) ?? Promise.resolve()).then(work, work)
    last.set(key, mine)
    try {
      return await mine
    } finally {
      if (last.get(key) === mine) last.delete(key)
    }
  }
}
