import type { Egress } from '@strait/egress/client'
import type { AttemptEnd } from '../domain/after-delivery.ts'
import type { ClaimedDelivery } from '../domain/delivery.ts'
import { deliveryHeaders } from '../domain/delivery-headers.ts'

/** What a call came to; `unsent` when the claim ran out before it could be written. */
export type CallEnd =
  | { readonly kind: 'ended'; readonly end: AttemptEnd; readonly at: Date; readonly durationMs: number }
  | { readonly kind: 'unsent' }

export interface CallOptions {
  readonly egress: Egress
  readonly timeoutMs: number
  /** Asked where the request is about to be written. */
  readonly stillOurs: () => boolean
}

/** Makes one attempt. Never rejects for what the endpoint does. */
export async function callWebhook(
  delivery: ClaimedDelivery,
  secrets: readonly string[],
  { egress, timeoutMs, stillOurs }: CallOptions,
): Promise<CallEnd> {
  const at = new Date()
  const started = performance.now()
  const result = await egress.request({
    method: 'POST',
    url: delivery.url,
    headers: deliveryHeaders(delivery, secrets, at),
    body: delivery.body,
    timeoutMs,
    beforeSend: stillOurs,
  })
  if (result.kind === 'not_sent') return { kind: 'unsent' }
  const durationMs = Math.round(performance.now() - started)
  if (result.kind === 'response') {
    const end = {
      kind: 'answered',
      status: result.status,
      retryAfter: result.headers['retry-after'],
    } as const
    return { kind: 'ended', end, at, durationMs }
  }
  if (result.class !== 'aborted') {
    return { kind: 'ended', end: { kind: 'error', errorClass: result.class }, at, durationMs }
  }
  return result.sent ? { kind: 'ended', end: { kind: 'broken_off' }, at, durationMs } : { kind: 'unsent' }
}
