import { egressSettings } from '@strait/service-kit/egress-settings'
import { type ReadResult, readSettings, text } from '@strait/service-kit/settings'
import { sharedSettings } from '@strait/service-kit/shared-settings'
import { masterKeyProblem } from './master-key.ts'

/** Every setting of the catalog. */
export const settings = {
  ...sharedSettings(8081),
  ...egressSettings(),
  dispatcherUrl: text('STRAIT_DISPATCHER_URL', {
    fallback: 'http://127.0.0.1:8083',
    doc: 'Where the dispatcher listens.',
  }),
  masterKey: text('CATALOG_MASTER_KEY', {
    secret: true,
    check: masterKeyProblem,
    doc: 'Wraps the data keys that encrypt secrets at rest: 32 bytes in base64. Losing it loses the secrets.',
  }),
}

export type Config = Extract<ReadResult<typeof settings>, { ok: true }>['values']

/** Reads the catalog's configuration; everything that is wrong is said at once. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): ReadResult<typeof settings> {
  return readSettings(settings, env, 'CATALOG')
}
