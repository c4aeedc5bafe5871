import type { Log } from './log.ts'

export interface Listeners<A extends readonly unknown[]> {
  /** Adds a function and answers how to take it away again. */
  add(listener: (...args: A) => unknown): () => void
  call(...args: A): void
}

/** A set of functions that are called in turn; what one of them throws is logged and does not reach the others. */
export function createListeners<A extends readonly unknown[]>(log: Log): Listeners<A> {
  const listeners = new Set<(...args: A) => unknown>()
  return {
    add(listener) {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    call(...args) {
      for (const listener of [...listeners]) callSafely(log, () => listener(...args))
    },
  }
}

/** Calls a function of which nobody awaits the outcome; what it throws, now or later, is logged. */
export function callSafely(log: Log, fn: () => unknown): void {
  const onError = (error: unknown) => log.error({ err: error }, 'a listener of the bus failed')
  try {
    const result = fn()
    if (result instanceof Promise) result.catch(onError)
  } catch (error) {
    onError(error)
  }
}
