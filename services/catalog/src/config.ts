import { egressSettings } from '@strait/service-kit/egress-settings'
import { int, type ReadResult, readSettings, text } from '@strait/service-kit/settings'
import { sharedSettings } from '@strait/service-kit/shared-settings'
import { masterKeyProblems, masterKeySettings } from './master-key.ts'

/** Every setting of the catalog. */
export const settings = {
  ...sharedSettings(8081),
  ...egressSettings(),
  dispatcherUrl: text('STRAIT_DISPATCHER_URL', {
    fallback: 'http://127.0.0.1:8083',
    doc: 'Where the dispatcher listens.',
  }),
  announceWaitMs: int('CATALOG_ANNOUNCE_WAIT_MS', {
    fallback: 250,
    min: 0,
    max: 5_000,
    doc: 'How long a change waits, once it is stored, for the services that follow the catalog to take it in; 0 does not wait.',
  }),
  auditChainMs: int('CATALOG_AUDIT_CHAIN_MS', {
    fallback: 500,
    min: 10,
    max: 60_000,
    doc: 'How often entries of the audit log that are not chained yet are looked for.',
  }),
  ...masterKeySettings,
}

export type Config = Extract<ReadResult<typeof settings>, { ok: true }>['values']

/** Reads the catalog's configuration; everything that is wrong is said at once. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): ReadResult<typeof settings> {
  const read = readSettings(settings, env, 'CATALOG')
  // A key that is wrong is given all the same.
  const given = Object.fromEntries(
    Object.entries(masterKeySettings).map(([name, { env: variable }]) => [name, env[variable] || undefined]),
  )
  const problems = masterKeyProblems(given)
  if (problems.length === 0) return read
  return { ok: false, problems: read.ok ? problems : [...read.problems, ...problems] }
}
