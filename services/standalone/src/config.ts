// How the standalone is run: a few variables, one flag. The settings of the services can be given too and are passed on.

import { fileURLToPath } from 'node:url'
import { int, type ReadResult, readSettings, text } from '@strait/service-kit/settings'

const projectFolder = fileURLToPath(new URL('../../../', import.meta.url))

/** Every setting of the standalone. */
export const settings = {
  port: int('PORT', { fallback: 8080, min: 1, max: 65_535, doc: 'Port for Connect and gRPC.' }),
  opsPort: int('OPS_PORT', {
    fallback: 9080,
    min: 1,
    max: 65_535,
    doc: 'Port of health and metrics. Default: PORT + 1000.',
  }),
  dataDir: text('STRAIT_DATA_DIR', {
    fallback: `${projectFolder}.strait`,
    doc: 'Folder for everything that is kept between starts.',
  }),
  databaseUrl: text('DATABASE_URL', {
    optional: true,
    secret: true,
    doc: 'A Postgres to use instead of the embedded one.',
  }),
  natsUrl: text('NATS_URL', {
    optional: true,
    doc: 'A NATS with JetStream to use instead of the embedded one.',
  }),
  demoUrl: text('STRAIT_DEMO_URL', {
    optional: true,
    doc: 'URL that the demo jobs call instead of the sample endpoint.',
  }),
}

type Settings = Extract<ReadResult<typeof settings>, { ok: true }>['values']

/** What the standalone knows when it starts. */
export interface Config extends Settings {
  /** End after the story: exit code 0, or 1 if a line of it is missing. */
  readonly once: boolean
}

/** Reads environment and arguments; everything that is wrong is said at once. */
export function readConfig(
  env: Readonly<Record<string, string | undefined>>,
  args: readonly string[],
):
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly string[] } {
  const opsPort = Number(env.PORT) + 1_000
  const derived = env.OPS_PORT === undefined && Number.isSafeInteger(opsPort) && opsPort <= 65_535
  const withOps = derived ? { ...env, OPS_PORT: String(opsPort) } : env
  const read = readSettings(settings, withOps, 'STANDALONE')
  const unknown = args.filter((arg) => arg !== '--once').map((arg) => `${arg} is not known; there is --once`)
  const problems = [...(read.ok ? [] : read.problems), ...unknown]
  if (!read.ok || problems.length > 0) return { ok: false, problems }
  return { ok: true, config: { ...read.values, once: args.includes('--once') } }
}
