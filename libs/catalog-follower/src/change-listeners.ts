// Who is told of changes, and whose work on them is still under way. What one of them throws is logged and keeps nothing from the others.

import type { Log } from '@strait/service-kit/log'
import type { FollowerEvents } from './follower-events.ts'
import type { HeadChange } from './head-change.ts'

/** Is told what changed. */
export type ChangeListener = (changes: readonly HeadChange[]) => Promise<unknown> | undefined

/** The listeners of a follower. */
export interface ChangeListeners {
  /** Answers how to end it. */
  add(listener: ChangeListener): () => void
  clear(): void
  tell(changes: readonly HeadChange[]): void
  /** Once everything that listeners have begun by now is over. */
  settled(): Promise<unknown>
}

/** Listeners, none at first. */
export function createChangeListeners({
  events,
  log,
}: {
  readonly events: FollowerEvents
  readonly log: Log
}): ChangeListeners {
  const listeners = new Set<ChangeListener>()
  const unsettled = new Set<Promise<unknown>>()

  const failed = (err: unknown) => log.error({ err }, 'a listener to changes of the catalog failed')
  const settle = (follows: Promise<unknown>) => {
    const settled = follows.catch(failed).finally(() => unsettled.delete(settled))
    unsettled.add(settled)
  }

  return {
    add(listener) {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    clear: () => listeners.clear(),
    tell(changes) {
      if (changes.length === 0) return
      events.changed(changes.length)
      for (const listener of listeners) {
        try {
          const follows = listener(changes)
          if (follows !== undefined) settle(follows)
        } catch (err) {
          failed(err)
        }
      }
    },
    settled: () => Promise.all(unsettled),
  }
}
