import { setTimeout as delay } from 'node:timers/promises'

/** Waits for a promise, but no longer than this; what becomes of it afterwards, a failure too, is ignored. */
export async function within(ms: number, promise: Promise<unknown>): Promise<void> {
  const timer = new AbortController()
  const settled = promise.then(
    () => undefined,
    () => undefined,
  )
  await Promise.race([settled, pause(ms, timer.signal)])
  timer.abort()
}

/** Waits this long, or until the signal is given. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined)
}
