import { int, type ReadResult, readSettings, text } from '@strait/service-kit/settings'
import { portSettings } from '@strait/service-kit/shared-settings'

/** Every setting of the gateway. */
export const settings = {
  ...portSettings(8080),
  catalogUrl: text('STRAIT_CATALOG_URL', {
    fallback: 'http://127.0.0.1:8081',
    check: originProblem,
    doc: 'Where the catalog listens.',
  }),
  dispatcherUrl: text('STRAIT_DISPATCHER_URL', {
    fallback: 'http://127.0.0.1:8083',
    check: originProblem,
    doc: 'Where the dispatcher listens.',
  }),
  connectTimeoutMs: int('GATEWAY_CONNECT_TIMEOUT_MS', {
    fallback: 3_000,
    min: 50,
    max: 60_000,
    doc: 'How long a service may take to accept a connection; then its callers are told that it is not there.',
  }),
  answerTimeoutMs: int('GATEWAY_ANSWER_TIMEOUT_MS', {
    fallback: 75_000,
    min: 100,
    max: 600_000,
    doc: 'How long a service may take to begin the one answer of a call; services themselves end calls after 60 seconds.',
  }),
  pingMs: int('GATEWAY_PING_MS', {
    fallback: 5_000,
    min: 50,
    max: 60_000,
    doc: 'How often a service must show that it is there while calls wait for it over HTTP/2.',
  }),
}

export type Config = Extract<ReadResult<typeof settings>, { ok: true }>['values']

/** Reads the gateway's configuration; everything that is wrong is said at once. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): ReadResult<typeof settings> {
  return readSettings(settings, env, 'GATEWAY')
}

function originProblem(value: string): string | undefined {
  const url = URL.parse(value)
  const isOrigin = url !== null && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`
  return isOrigin ? undefined : 'must be an origin like http://catalog:8081'
}
