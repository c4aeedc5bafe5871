import { egressSettings } from '@strait/service-kit/egress-settings'
import { custom, decimal, int, type ReadResult, readSettings, text } from '@strait/service-kit/settings'
import { sharedSettings } from '@strait/service-kit/shared-settings'

// What claiming, asking for secrets and writing the outcome may take beside the call.
const LEASE_MARGIN_SECS = 5

/** Every setting of the notifier. */
export const settings = {
  ...sharedSettings(8084),
  ...egressSettings(),
  catalogUrl: text('STRAIT_CATALOG_URL', {
    fallback: 'http://127.0.0.1:8081',
    doc: 'Where the catalog listens.',
  }),
  dispatcherUrl: text('STRAIT_DISPATCHER_URL', {
    fallback: 'http://127.0.0.1:8083',
    doc: 'Where the dispatcher listens.',
  }),
  timeoutSecs: int('NOTIFIER_TIMEOUT_SECS', {
    fallback: 30,
    min: 1,
    max: 300,
    doc: 'How long one call of a webhook may take.',
  }),
  leaseSecs: int('NOTIFIER_LEASE_SECS', {
    fallback: 60,
    min: 1,
    max: 3_600,
    doc: `How long a delivery stays with the notifier that took it, should that one die; at least NOTIFIER_TIMEOUT_SECS and ${LEASE_MARGIN_SECS}.`,
  }),
  retryDelaysMs: custom<readonly number[]>('NOTIFIER_RETRY_DELAYS_SECS', {
    fallback: [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400].map(toMs),
    bounds: '1 to 100 numbers from 0 to 604800, comma-separated',
    doc: 'Seconds between the attempts of a delivery; after the last one it has failed.',
    read: readDelays,
  }),
  retryJitter: decimal('NOTIFIER_RETRY_JITTER', {
    fallback: 0.2,
    min: 0,
    max: 1,
    doc: 'Retry delays vary by this share in both directions.',
  }),
  maxInFlight: int('NOTIFIER_MAX_IN_FLIGHT', {
    fallback: 128,
    min: 1,
    max: 1_000,
    doc: 'Webhook calls in flight at once.',
  }),
  maxInFlightPerOrigin: int('NOTIFIER_MAX_IN_FLIGHT_PER_ORIGIN', {
    fallback: 16,
    min: 1,
    max: 1_000,
    doc: 'Of these, the most to one origin, so that a slow endpoint does not hold the others.',
  }),
  sweepMs: int('NOTIFIER_SWEEP_MS', {
    fallback: 1_000,
    min: 20,
    max: 60_000,
    doc: 'How often due deliveries and the run feed are looked for, for the case that news got lost.',
  }),
  drainSecs: int('NOTIFIER_DRAIN_SECS', {
    fallback: 10,
    min: 0,
    max: 600,
    doc: 'How long calls in flight may go on after a stop signal.',
  }),
}

export type Config = Extract<ReadResult<typeof settings>, { ok: true }>['values']

/** Reads the notifier's configuration; everything that is wrong is said at once. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): ReadResult<typeof settings> {
  const read = readSettings(settings, env, 'NOTIFIER')
  if (!read.ok) return read
  const { leaseSecs, timeoutSecs } = read.values
  const least = timeoutSecs + LEASE_MARGIN_SECS
  if (leaseSecs >= least) return read
  const problem = `NOTIFIER_LEASE_SECS must be at least ${least} when NOTIFIER_TIMEOUT_SECS is ${timeoutSecs}, not ${leaseSecs}`
  return { ok: false, problems: [problem] }
}

function readDelays(text: string): readonly number[] | { readonly problem: string } {
  const parts = text.split(',').map((part) => part.trim())
  const fits = parts.every((part) => /^\d+(?:\.\d+)?$/.test(part) && Number(part) <= 604_800)
  if (fits && parts.length <= 100) return parts.map(Number).map(toMs)
  return { problem: 'must be 1 to 100 numbers from 0 to 604800, comma-separated' }
}

function toMs(secs: number): number {
  return Math.round(secs * 1_000)
}
