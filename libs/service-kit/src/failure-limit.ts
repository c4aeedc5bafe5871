// How many wrong keys an address may show: a bucket for each address that fills up again with time. A key that is still being
// asked about counts as a wrong one, or an address could show any number of them at once. Bounded in memory: what is pushed
// out has to fail again, and what is being tried is bounded by the calls.

import { LRUCache } from 'lru-cache'

/** What was counted of each address. */
export interface FailureLimit {
  /** For how long this address has to wait with this key; 0 when it need not. */
  waitMs(address: string, key: string): number
  /** This address tries a key, until what is answered is called. */
  trying(address: string, key: string): () => void
  /** This address failed once more. */
  note(address: string): void
}

interface Bucket {
  readonly left: number
  readonly at: number
}

const maxAddresses = 10_000

/** Allows so many failures a minute, all at once if need be. `now` is a monotonic clock in milliseconds. */
export function createFailureLimit(
  perMinute: number,
  now: () => number = () => performance.now(),
): FailureLimit {
  const buckets = new LRUCache<string, Bucket>({ max: maxAddresses })
  const tries = new Map<string, Map<string, number>>()
  const msEach = 60_000 / perMinute

  function leftOf(address: string): number {
    const bucket = buckets.get(address)
    if (bucket === undefined) return perMinute
    return Math.min(perMinute, bucket.left + (now() - bucket.at) / msEach)
  }

  /** How many keys but this one an address tries at the moment. */
  function othersOf(address: string, key: string): number {
    const tried = tries.get(address)
    return tried === undefined ? 0 : tried.size - (tried.has(key) ? 1 : 0)
  }

  return {
    waitMs: (address, key) => Math.max(0, Math.ceil((1 - leftOf(address) + othersOf(address, key)) * msEach)),
    trying(address, key) {
      const tried = tries.get(address) ?? new Map<string, number>()
      tries.set(address, tried.set(key, (tried.get(key) ?? 0) + 1))
      return () => {
        const more = (tried.get(key) ?? 1) - 1
        if (more > 0) tried.set(key, more)
        else tried.delete(key)
        if (tried.size === 0) tries.delete(address)
      }
    },
    note: (address) => void buckets.set(address, { left: Math.max(0, leftOf(address) - 1), at: now() }),
  }
}
