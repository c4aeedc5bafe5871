// The headers of a webhook. Pure; the time is an argument. Strait's own and those of Standard Webhooks say the same
// in two spellings. Without a secret there is no signature, but whatever does not depend on one is there all the same.

import { signWebhook } from '@strait/domain/signature'
import type { ClaimedDelivery } from './delivery.ts'

/** The headers of one attempt. */
export function deliveryHeaders(
  { id, attempt, traceparent, body }: ClaimedDelivery,
  secrets: readonly string[],
  now: Date,
): Readonly<Record<string, string>> {
  const timestampSecs = Math.floor(now.getTime() / 1_000)
  return {
    'content-type': 'application/json',
    'X-Strait-Delivery-Id': id,
    'X-Strait-Attempt': String(attempt),
    'X-Strait-Timestamp': String(timestampSecs),
    'webhook-id': id,
    'webhook-timestamp': String(timestampSecs),
    ...signWebhook({ id, timestampSecs, body, secrets }),
    ...(traceparent === '' ? {} : { traceparent }),
  }
}
