// Everything the notifier counts and says. Bodies, secrets and URLs are in neither.

import type { Meter } from '@opentelemetry/api'
import type { Log } from '@strait/service-kit/log'
import type { AttemptEnd, NextStep } from './domain/after-delivery.ts'
import type { ClaimedDelivery } from './domain/delivery.ts'

/** What happened, told by the code that made it happen. Nothing here throws. */
export interface Events {
  /** Events were read from the feed; `stored` of them are new deliveries. */
  heard(events: number, stored: number): void
  claimed(count: number): void
  /** An attempt ended. */
  attempted(delivery: ClaimedDelivery, end: AttemptEnd, durationMs: number, next: NextStep): void
  /** The outcomes of so many attempts are written in one statement. */
  written(count: number): void
  /** Another notifier has this delivery by now. */
  claimLost(delivery: ClaimedDelivery): void
  /** Deliveries were given back unsent. */
  givenBack(count: number): void
  /** The catalog could not be asked for secrets; the deliveries wait. */
  secretsUnknown(count: number, err: unknown): void
  secretsKnown(): void
  /** An outcome could not be written; the event is told again. */
  notWritten(delivery: ClaimedDelivery, err: unknown): void
  inFlight(count: number): void
  loopbackAllowed(): void
  connectionLost(err: Error): void
}

/** Makes the notifier's instruments. */
export function createEvents({ meter, log }: { readonly meter: Meter; readonly log: Log }): Events {
  const counter = (name: string, description: string) => meter.createCounter(name, { description })
  const heard = counter(
    'strait_notifier_events',
    'Ends of runs that are to be told, by whether they were new.',
  )
  const attempts = counter('strait_notifier_attempts', 'Webhook calls by what came of them.')
  const ends = counter('strait_notifier_deliveries', 'Deliveries that ended, by status.')
  const lost = counter('strait_notifier_claims_lost', 'Attempts whose delivery was taken over meanwhile.')
  const unsent = counter('strait_notifier_given_back', 'Deliveries that were claimed and given back unsent.')
  const batch = (name: string, description: string) =>
    meter.createHistogram(name, { unit: '{item}', description })
  const claims = batch('strait_notifier_claim_batch', 'Deliveries taken in one statement.')
  const writes = batch('strait_notifier_write_batch', 'Outcomes written in one statement.')
  const seconds = meter.createHistogram('strait_notifier_call_seconds', {
    unit: 's',
    description: 'Time of a webhook call from request to answer.',
  })
  const inFlight = meter.createGauge('strait_notifier_calls_in_flight', {
    description: 'Webhook calls in flight.',
  })
  let silent = false

  return {
    heard(events, stored) {
      heard.add(stored, { new: true })
      heard.add(events - stored, { new: false })
    },
    claimed: (count) => claims.record(count),
    attempted(delivery, end, durationMs, next) {
      const what = end.kind === 'answered' ? `${Math.floor(end.status / 100)}xx` : end.kind
      attempts.add(1, { end: end.kind === 'error' ? end.errorClass : what })
      seconds.record(durationMs / 1_000)
      if (next.to === 'pending') return
      ends.add(1, { status: next.to })
      if (next.to === 'delivered') return
      const { id, runId, attempt } = delivery
      log.warn({ delivery_id: id, run_id: runId, attempt, why: next.why }, 'a webhook could not be delivered')
    },
    written: (count) => writes.record(count),
    claimLost({ id, runId, attempt }) {
      lost.add(1)
      log.info({ delivery_id: id, run_id: runId, attempt }, 'another notifier took the delivery over')
    },
    givenBack: (count) => unsent.add(count),
    secretsUnknown(count, err) {
      unsent.add(count)
      // Said once per outage.
      if (!silent) log.warn({ err }, 'the catalog cannot be asked for webhook secrets, deliveries wait')
      silent = true
    },
    secretsKnown() {
      if (silent) log.info({}, 'the catalog answers again')
      silent = false
    },
    notWritten({ id, runId, attempt }, err) {
      log.warn(
        { delivery_id: id, run_id: runId, attempt, err },
        'an outcome was not written, it is told again',
      )
    },
    inFlight: (count) => inFlight.record(count),
    loopbackAllowed() {
      log.warn({}, 'STRAIT_ENV is development: webhooks may call this machine itself')
    },
    connectionLost(err) {
      log.warn({ err }, 'an idle connection to Postgres was lost')
    },
  }
}
