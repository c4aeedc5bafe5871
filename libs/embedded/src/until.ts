import { setTimeout as delay } from 'node:timers/promises'

const EVERY_MS = 10

/** Asks for a fact about another process every 10 ms; false when `timeoutMs` went by without it. */
export async function until(
  fact: () => boolean | Promise<boolean>,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<boolean> {
  const end = performance.now() + timeoutMs
  while (!(await fact())) {
    if (performance.now() >= end) return false
    await delay(EVERY_MS, undefined, { signal })
  }
  return true
}
