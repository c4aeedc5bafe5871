import { setTimeout as delay } from 'node:timers/promises'
import { inspect } from 'node:util'

const EVERY_MS = 10

type Truthy<T> = Exclude<T, false | 0 | '' | null | undefined>

/**
 * Waits until a fact is true and returns it; tests wait for facts, never for time. A fact that throws is not true yet.
 * What was seen last is part of the error.
 */
export async function waitFor<T>(
  fact: () => T | Promise<T>,
  { timeoutMs = 10_000, what }: { timeoutMs?: number; what: string },
): Promise<Truthy<T>> {
  const end = performance.now() + timeoutMs
  for (;;) {
    const seen = await look(fact)
    if ('value' in seen && seen.value) return seen.value as Truthy<T>
    if (performance.now() >= end) {
      const last = 'value' in seen ? inspect(seen.value, { depth: 4 }) : inspect(seen.error)
      const cause = 'error' in seen ? { cause: seen.error } : undefined
      throw new Error(`waited ${timeoutMs} ms in vain for ${what}; last seen: ${last}`, cause)
    }
    await delay(EVERY_MS)
  }
}

async function look<T>(fact: () => T | Promise<T>): Promise<{ value: T } | { error: unknown }> {
  try {
    return { value: await fact() }
  } catch (error) {
    return { error }
  }
}
