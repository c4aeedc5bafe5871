import { int, type ReadResult, readSettings, text } from '@strait/service-kit/settings'
import { sharedSettings } from '@strait/service-kit/shared-settings'

/** Every setting of the scheduler. */
export const settings = {
  ...sharedSettings(8082),
  catalogUrl: text('STRAIT_CATALOG_URL', {
    fallback: 'http://127.0.0.1:8081',
    doc: 'Where the catalog listens.',
  }),
  dispatcherUrl: text('STRAIT_DISPATCHER_URL', {
    fallback: 'http://127.0.0.1:8083',
    doc: 'Where the dispatcher listens.',
  }),
  resendMs: int('SCHEDULER_RESEND_MS', {
    fallback: 3_000,
    min: 100,
    max: 60_000,
    doc: 'A fire of which nothing was heard for so long is sent again, over RPC.',
  }),
  sweepMs: int('SCHEDULER_SWEEP_MS', {
    fallback: 1_000,
    min: 20,
    max: 60_000,
    doc: 'How often changed jobs and the run feed are asked for, for the case that their news got lost.',
  }),
}

export type Config = Extract<ReadResult<typeof settings>, { ok: true }>['values']

/** Reads the scheduler's configuration; everything that is wrong is said at once. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): ReadResult<typeof settings> {
  return readSettings(settings, env, 'SCHEDULER')
}
