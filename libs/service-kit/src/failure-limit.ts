// How many wrong keys an address may show: a bucket for each address that fills up again with time. Bounded in memory: what
// is pushed out has to fail again.

import { LRUCache } from 'lru-cache'

/** What was counted of each address. */
export interface FailureLimit {
  /** For how long this address has to wait; 0 when it need not. */
  waitMs(address: string): number
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
  const msEach = 60_000 / perMinute

  function leftOf(address: string): number {
    const bucket = buckets.get(address)
    if (bucket === undefined) return perMinute
    return Math.min(perMinute, bucket.left + (now() - bucket.at) / msEach)
  }

  return {
    waitMs: (address) => Math.max(0, Math.ceil((1 - leftOf(address)) * msEach)),
    note: (address) => void buckets.set(address, { left: Math.max(0, leftOf(address) - 1), at: now() }),
  }
}
