// Sends deliveries: claims what is due, asks for the secrets, calls, and writes the outcomes in batches. A turn begins
// calls and does not wait for them; what is in flight is bounded in total and for each origin, so one slow endpoint
// holds its own share and no more. It runs at once when the feed brought something or room became free, else each sweep.
//
// Killed after the POST and before its outcome is written: the claim runs out and the event is told again, under the
// same delivery id. A call begins only while the claim holds, so two notifiers do not call at once.

import { newUuidv7 } from '@strait/domain/ids'
import type { Egress } from '@strait/egress/client'
import { createGroupCommit } from '@strait/postgres/group-commit'
import type { Log } from '@strait/service-kit/log'
import { createLoop } from '@strait/service-kit/loop'
import type { Part } from '@strait/service-kit/part'
import { afterDelivery, type RetrySchedule } from '../domain/after-delivery.ts'
import type { ClaimedDelivery } from '../domain/delivery.ts'
import type { Events } from '../events.ts'
import { callWebhook } from '../http/call-webhook.ts'
import type { SecretsOf } from '../http/webhook-secrets.ts'
import { claimDeliveries } from '../store/claim-deliveries.ts'
import type { Db } from '../store/db.ts'
import { type FinishedAttempt, finishDeliveries, releaseDeliveries } from '../store/finish-deliveries.ts'
import { createInFlight } from './in-flight.ts'

// What could not be sent for a reason of ours is tried again soon.
const GIVEN_BACK_MS = 1_000
const ROW_BYTES = 200

export interface SendOptions {
  readonly db: Db
  readonly egress: Egress
  readonly secretsOf: SecretsOf
  readonly retries: RetrySchedule
  readonly timeoutMs: number
  readonly leaseMs: number
  readonly maxInFlight: number
  readonly maxInFlightPerOrigin: number
  readonly sweepMs: number
  readonly drainMs: number
  readonly events: Events
  readonly log: Log
}

/** One claim: what was taken together, and until when it is ours by our own clock. */
interface Held {
  readonly claimId: string
  readonly until: number
}

/** Makes the loop. */
export function createSend(options: SendOptions): Part & { runOnce(): Promise<number>; nudge(): void } {
  const { db, egress, secretsOf, retries, timeoutMs, leaseMs, sweepMs, drainMs, events, log } = options
  const inFlight = createInFlight(events.inFlight)
  const writes = createGroupCommit<FinishedAttempt, boolean>({
    flush: (batch) => finishDeliveries(db, batch),
    sizeOf: () => ROW_BYTES,
    onFlush: events.written,
  })
  let moreIsDue = false

  async function runOnce(): Promise<number> {
    const room = options.maxInFlight - inFlight.total()
    if (room <= 0) return 0
    const held = { claimId: newUuidv7(), until: performance.now() + leaseMs }
    const { deliveries, more } = await claimDeliveries(db, {
      claimId: held.claimId,
      leaseMs,
      room,
      perOrigin: options.maxInFlightPerOrigin,
      inFlight: inFlight.byOrigin(),
    })
    moreIsDue = more
    if (deliveries.length === 0) return 0
    events.claimed(deliveries.length)
    const secrets = await askSecrets(deliveries, held)
    if (secrets === undefined) return 0
    for (const delivery of deliveries) {
      const ofJob = secrets.get(delivery.jobId) ?? []
      void inFlight.track(delivery.origin, attempt(delivery, ofJob, held)).then(roomIsFree)
    }
    return deliveries.length
  }

  async function askSecrets(deliveries: readonly ClaimedDelivery[], { claimId }: Held) {
    try {
      const secrets = await secretsOf(deliveries.map((delivery) => delivery.jobId))
      events.secretsKnown()
      return secrets
    } catch (err) {
      events.secretsUnknown(deliveries.length, err)
      const ids = deliveries.map((delivery) => delivery.id)
      await releaseDeliveries(db, { claimId, ids, delayMs: GIVEN_BACK_MS })
      return undefined
    }
  }

  async function attempt(delivery: ClaimedDelivery, secrets: readonly string[], held: Held): Promise<void> {
    const { claimId } = held
    const stillOurs = () => performance.now() < held.until
    try {
      const call = await callWebhook(delivery, secrets, { egress, timeoutMs, stillOurs })
      if (call.kind === 'unsent') {
        events.givenBack(1)
        return await releaseDeliveries(db, { claimId, ids: [delivery.id], delayMs: 0 })
      }
      const { end, at, durationMs } = call
      const next = afterDelivery(delivery.attempt, end, retries, { now: new Date(), chance: Math.random() })
      events.attempted(delivery, end, durationMs, next)
      const written = await writes.submit({
        deliveryId: delivery.id,
        claimId,
        attempt: delivery.attempt,
        at,
        durationMs,
        httpStatus: end.kind === 'answered' ? end.status : undefined,
        errorClass: end.kind === 'answered' ? undefined : end.kind === 'error' ? end.errorClass : 'aborted',
        next,
      })
      if (!written) events.claimLost(delivery)
    } catch (err) {
      events.notWritten(delivery, err)
    }
  }

  function roomIsFree(): void {
    if (moreIsDue) loop.nudge()
  }

  const loop = createLoop({ name: 'send', intervalMs: sweepMs, runOnce, log })
  return {
    name: loop.name,
    runOnce,
    nudge: loop.nudge,
    start: loop.start,
    async stop() {
      await loop.stop()
      await inFlight.drained(drainMs)
      // Ends what is still in flight; its outcome, broken off, is written.
      await egress.close()
      await inFlight.drained()
    },
  }
}
