// What becomes of a delivery after an attempt. Pure; time and chance are arguments.
//
// Every answer but a 2xx is tried again, a 404 too: a deploy can answer that for a while. Only 410 says that the
// endpoint is gone for good.

import { parseRetryAfter } from '@strait/domain/retry-after'

const LONGEST_RETRY_AFTER_MS = 3_600_000

/** How an attempt ended. */
export type AttemptEnd =
  | { readonly kind: 'answered'; readonly status: number; readonly retryAfter: string | undefined }
  | { readonly kind: 'error'; readonly errorClass: string }
  /** We broke the call off ourselves, because this process stops. */
  | { readonly kind: 'broken_off' }

export type NextStep =
  | { readonly to: 'delivered' }
  | { readonly to: 'failed'; readonly why: 'gone' | 'attempts_exhausted' }
  | { readonly to: 'pending'; readonly delayMs: number }

export interface RetrySchedule {
  /** Between attempt n and the next one: entry n, from 1. */
  readonly delaysMs: readonly number[]
  /** The share by which a delay varies in both directions. */
  readonly jitter: number
}

/** Decides what follows attempt number `attempt` (1 is the first). `chance` is uniform in [0, 1]. */
export function afterDelivery(
  attempt: number,
  end: AttemptEnd,
  { delaysMs, jitter }: RetrySchedule,
  { now, chance }: { readonly now: Date; readonly chance: number },
): NextStep {
  // Whoever takes over goes on at once, and stopping never fails a delivery.
  if (end.kind === 'broken_off') return { to: 'pending', delayMs: 0 }
  if (end.kind === 'answered' && end.status >= 200 && end.status <= 299) return { to: 'delivered' }
  if (end.kind === 'answered' && end.status === 410) return { to: 'failed', why: 'gone' }
  const delayMs = delaysMs[attempt - 1]
  if (delayMs === undefined) return { to: 'failed', why: 'attempts_exhausted' }
  const jittered = Math.round(delayMs * (1 + jitter * (2 * chance - 1)))
  const asked = end.kind === 'answered' ? parseRetryAfter(end.retryAfter ?? '', now) : undefined
  return { to: 'pending', delayMs: Math.max(jittered, Math.min(asked ?? 0, LONGEST_RETRY_AFTER_MS)) }
}
