// What becomes of a run after an attempt. Pure: time and chance are arguments, the whole table is tested.

import { type RetryPolicy, retryDelayMs } from '@strait/domain/retry-delay'

/** Why an attempt did not succeed: a short stable word, a sentence, and the endpoint's status where one came. */
export interface AttemptError {
  readonly class: string
  readonly message: string
  readonly httpStatus?: number | undefined
}

/** How an attempt ended. */
export type AttemptResult =
  | { readonly kind: 'succeeded'; readonly httpStatus: number; readonly result: string }
  /** Worth another attempt. */
  | {
      readonly kind: 'retryable' | 'timed_out'
      readonly error: AttemptError
      readonly retryAfterMs?: number | undefined
    }
  /** Not worth another attempt. */
  | { readonly kind: 'failed'; readonly error: AttemptError }
  /** Its dispatcher died: whether the endpoint was reached is not known. */
  | { readonly kind: 'lost' }
  /** Recorded, but given back before it was sent. */
  | { readonly kind: 'unsent' }
  /** Cut off because its run was canceled. */
  | { readonly kind: 'canceled'; readonly error: AttemptError }

/** What the decision needs to know of the run. `attempt` counts the one that just ended, `losses` those lost before it. */
export interface AttemptedRun {
  readonly attempt: number
  readonly losses: number
  readonly maxAttempts: number
  readonly retry: RetryPolicy
}

/** What becomes of the run. */
export type Next =
  | { readonly to: 'completed'; readonly result: string }
  | { readonly to: 'failed' | 'timed_out' | 'crashed' | 'canceled'; readonly error: AttemptError }
  | { readonly to: 'retry'; readonly dueAtMs: number; readonly error: AttemptError }
  | { readonly to: 'given_back' }

/** Losses under different owners after which a run is taken to kill its dispatchers. */
export const maxLosses = 3

/** Why the runs of a job that was deleted with its unfinished runs end. */
export const jobDeletedError: AttemptError = { class: 'canceled', message: 'the job was deleted' }

const lostError: AttemptError = {
  class: 'lost',
  message: 'the dispatcher that made the call died before it recorded an answer',
}

/** Decides what becomes of a run. `chance` is in [0, 1). */
export function afterAttempt(
  run: AttemptedRun,
  result: AttemptResult,
  nowMs: number,
  chance: number,
  jitter: number,
): Next {
  switch (result.kind) {
    case 'succeeded':
      return { to: 'completed', result: result.result }
    case 'unsent':
      return { to: 'given_back' }
    case 'failed':
    case 'canceled':
      return { to: result.kind, error: result.error }
    case 'lost':
      return run.attempt >= run.maxAttempts || run.losses + 1 >= maxLosses
        ? { to: 'crashed', error: lostError }
        : { to: 'retry', dueAtMs: nowMs, error: lostError }
    case 'retryable':
    case 'timed_out':
      if (run.attempt >= run.maxAttempts) {
        return { to: result.kind === 'timed_out' ? 'timed_out' : 'failed', error: result.error }
      }
      return {
        to: 'retry',
        dueAtMs:
          nowMs +
          retryDelayMs(run.retry, run.attempt, chance, { jitter, retryAfterMs: result.retryAfterMs ?? 0 }),
        error: result.error,
      }
    default:
      return result satisfies never
  }
}
