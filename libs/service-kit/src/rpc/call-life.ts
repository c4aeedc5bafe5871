// The time of one call: from its arrival until it is answered or comes to an early end, because its caller went away, its
// deadline passed, or the server stops. Whatever the call does is waited for only within its life. What it does not break
// off when the signal is given runs on unheard.

import { Refusal } from '../refusal.ts'
import type { Response } from './http-types.ts'

/** One call's time. */
export interface CallLife {
  /** Aborted at an early end, with the reason. */
  readonly signal: AbortSignal
  /** Whether the end came early because nobody is there to be answered. */
  callerGone(): boolean
  /** Waits for a step of the call; fails with the reason when the end comes first. */
  within<T>(step: Promise<T>): Promise<T>
  /** Ends the call early. */
  end(reason: Refusal): void
  /** Ends the call early when it takes longer. */
  endAfter(ms: number, reason: () => Refusal): void
  /** Does something again and again while the call lives. */
  repeat(everyMs: number, step: () => void): void
  /** The call was answered: nothing of it stays behind. */
  settle(): void
}

/** Begins with the arrival of a call. */
export function beginCallLife(response: Response): CallLife {
  const controller = new AbortController()
  let failStep: ((reason: unknown) => void) | undefined
  let timer: NodeJS.Timeout | undefined
  const repeating: NodeJS.Timeout[] = []
  let gone = false

  function end(reason: Refusal): void {
    if (controller.signal.aborted) return
    // First the step, then the signal: a method that hears it and returns as if it were done must not be taken for done.
    failStep?.(reason)
    controller.abort(reason)
  }
  function leave(): void {
    gone = !controller.signal.aborted
    end(new Refusal('UNAVAILABLE', 'the caller went away'))
  }
  response.once('close', leave)

  return {
    signal: controller.signal,
    callerGone: () => gone,
    within: (step) =>
      // One slot instead of Promise.race: racing each message of a long stream against one promise would keep them all.
      new Promise((done, fail) => {
        failStep = fail
        step.then(done, fail)
        if (controller.signal.aborted) fail(controller.signal.reason)
      }),
    end,
    endAfter(ms, reason) {
      timer = setTimeout(() => end(reason()), ms)
    },
    repeat(everyMs, step) {
      repeating.push(setInterval(step, everyMs))
    },
    settle() {
      clearTimeout(timer)
      for (const each of repeating) clearInterval(each)
      response.off('close', leave)
    },
  }
}
