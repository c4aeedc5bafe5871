import { egressSettings } from '@strait/service-kit/egress-settings'
import { decimal, int, list, type ReadResult, readSettings, text } from '@strait/service-kit/settings'
import { sharedSettings } from '@strait/service-kit/shared-settings'

/** Every setting of the dispatcher. */
export const settings = {
  ...sharedSettings(8083),
  catalogUrl: text('STRAIT_CATALOG_URL', {
    fallback: 'http://127.0.0.1:8081',
    doc: 'Where the catalog listens.',
  }),
  ...egressSettings(),
  maxInFlight: int('DISPATCHER_MAX_IN_FLIGHT', {
    fallback: 512,
    min: 1,
    max: 20_000,
    doc: 'Calls in flight at once.',
  }),
  maxHeld: int('DISPATCHER_MAX_HELD_RUNS', {
    fallback: 100_000,
    min: 100,
    max: 5_000_000,
    doc: 'Waiting runs held in memory; the rest stays in Postgres and is paged in.',
  }),
  leaseMs: int('DISPATCHER_LEASE_MS', {
    fallback: 10_000,
    min: 500,
    max: 120_000,
    doc: 'How long a dispatcher that was not heard of keeps its shards; renewed four times as often.',
  }),
  sweepMs: int('DISPATCHER_SWEEP_MS', {
    fallback: 1_000,
    min: 20,
    max: 60_000,
    doc: 'How often runs whose wake got lost, and changes of the catalog whose news got lost, are looked for.',
  }),
  drainSecs: int('DISPATCHER_DRAIN_SECS', {
    fallback: 20,
    min: 0,
    max: 3_600,
    doc: 'How long calls in flight may go on after a stop signal.',
  }),
  retryJitter: decimal('DISPATCHER_RETRY_JITTER', {
    fallback: 0.2,
    min: 0,
    max: 1,
    doc: 'Retry delays vary by this share in both directions.',
  }),
  maxPayloadBytes: int('DISPATCHER_MAX_PAYLOAD_BYTES', {
    fallback: 1_048_576,
    min: 2,
    max: 3_145_728,
    doc: 'Payloads at most, in bytes of UTF-8.',
  }),
  feedFollowers: list('DISPATCHER_FEED_FOLLOWERS', {
    fallback: ['scheduler', 'notifier'],
    doc: 'Who follows the run feed: a row stays until each of them has read it.',
  }),
}

export type Config = Extract<ReadResult<typeof settings>, { ok: true }>['values']

/** Reads the dispatcher's configuration; everything that is wrong is said at once. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): ReadResult<typeof settings> {
  return readSettings(settings, env, 'DISPATCHER')
}
