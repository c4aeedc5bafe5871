// How long a run waits before its next attempt. Pure: the chance is an argument, so a test can name the jitter.

export type RetryStrategy = 'exponential' | 'linear' | 'fixed' | 'custom'

export type RetryPolicy = {
  readonly strategy: RetryStrategy
  /** Read by `custom` only; the last entry serves every later attempt. */
  readonly delaysSecs: readonly number[]
}

export type RetryOptions = {
  /** The part of the raw delay that it may move up or down by; 0 gives the raw delay. */
  readonly jitter?: number
  /** What the endpoint asked for in `Retry-After`. */
  readonly retryAfterMs?: number
}

const SHORTEST_MS = 1_000
const LONGEST_RETRY_AFTER_MS = 3_600_000
const LONGEST_STEP_SECS = 3_600

/**
 * The delay between attempt n (1 is the first) and the one after it: the greatest of one second, Retry-After up to
 * an hour, and the strategy's delay moved by the jitter. `chance` is uniform in [0, 1].
 */
export function retryDelayMs(
  policy: RetryPolicy,
  attempt: number,
  chance: number,
  { jitter = 0.2, retryAfterMs = 0 }: RetryOptions = {},
): number {
  const jittered = rawDelaySecs(policy, Math.max(1, attempt)) * 1_000 * (1 + jitter * (2 * chance - 1))
  // The comparison, rather than Math.max, also keeps a NaN out.
  const asked = retryAfterMs > 0 ? Math.min(retryAfterMs, LONGEST_RETRY_AFTER_MS) : 0
  return Math.max(SHORTEST_MS, asked, Math.round(jittered))
}

function rawDelaySecs({ strategy, delaysSecs }: RetryPolicy, attempt: number): number {
  switch (strategy) {
    case 'exponential':
      return Math.min(LONGEST_STEP_SECS, 2 ** (attempt - 1))
    case 'linear':
      return Math.min(LONGEST_STEP_SECS, attempt)
    case 'fixed':
      return 1
    case 'custom':
      // An empty list is refused when the job is saved. Should one arrive all the same, a run that waits the
      // shortest delay is better than a decision that throws in the middle of a batch.
      return delaysSecs[Math.min(attempt, delaysSecs.length) - 1] ?? 1
    default:
      return strategy satisfies never
  }
}
