// What the services themselves say about their settings: the tables that they read, found by looking, so that a new service
// is asked for its image and its manifests without a word here.

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from './places.ts'

export type Env = Readonly<Record<string, string>>

interface Setting {
  readonly env: string
}

interface Values {
  readonly port: number
  readonly opsPort: number
  readonly hardStopSecs: number
  readonly drainSecs?: number
}

interface ConfigFile {
  readonly settings: Readonly<Record<string, Setting>>
  readonly readConfig: (
    env: Env,
  ) =>
    | { readonly ok: true; readonly values: Values }
    | { readonly ok: false; readonly problems: readonly string[] }
}

/** A service, as it reads its environment. */
export interface Service {
  readonly name: string
  /** Where it is told who serves the others; whoever does not say so means this machine. */
  readonly peerAddresses: readonly string[]
  /** Whether the environment holds all that the service needs and nothing that it does not know. */
  problemsOf(env: Env): readonly string[]
  /** What it would do with an environment without problems. */
  read(env: Env): Values
}

/** Runs everything in one process, on one machine; nobody deploys it. */
const notDeployed = 'standalone'

/** Every service that runs as a process of its own. */
export async function readServices(): Promise<readonly Service[]> {
  const folder = join(root, 'services')
  const names = readdirSync(folder).filter((name) => {
    const files = ['main.ts', 'config.ts'].map((file) => join(folder, name, 'src', file))
    return name !== notDeployed && files.every((file) => existsSync(file))
  })
  return await Promise.all(names.map(readService))
}

async function readService(name: string): Promise<Service> {
  const file = join(root, 'services', name, 'src', 'config.ts')
  // By its path: nobody but standalone depends on a service.
  const { settings, readConfig } = (await import(pathToFileURL(file).href)) as ConfigFile
  const known = Object.values(settings).map(({ env }) => env)
  return {
    name,
    peerAddresses: known.filter((variable) => /^STRAIT_[A-Z]+_URL$/.test(variable)),
    problemsOf(env) {
      const unknown = Object.keys(env).filter((variable) => !known.includes(variable))
      const read = readConfig(env)
      return [
        ...unknown.map((variable) => `${name} does not read ${variable}`),
        ...(read.ok ? [] : read.problems),
      ]
    },
    read(env) {
      const read = readConfig(env)
      if (!read.ok) throw new Error(read.problems.join('\n'))
      return read.values
    },
  }
}

/** Secrets as an operator would fill them in. */
export const sampleSecrets: Env = {
  POSTGRES_PASSWORD: '0123456789abcdef0123456789abcdef',
  DATABASE_URL: 'postgres://strait:0123456789abcdef@postgres:5432/strait',
  MIGRATE_DATABASE_URL: 'postgres://owner:0123456789abcdef@postgres:5432/strait',
  STRAIT_SERVICE_TOKEN: 'a-token-of-at-least-sixteen-characters',
  STRAIT_PREVIOUS_SERVICE_TOKEN: 'an-older-token-of-sixteen-characters',
  CATALOG_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
  CATALOG_PREVIOUS_MASTER_KEY: Buffer.alloc(32, 8).toString('base64'),
}

/** `http://host:port` addresses in an environment, as the host and the port that must be served there. */
export function addressesIn(env: Env): readonly { readonly host: string; readonly port: number }[] {
  const urls = Object.values(env).map((value) => URL.parse(value))
  return urls.flatMap((url) =>
    url !== null && url.port !== '' ? [{ host: url.hostname, port: Number(url.port) }] : [],
  )
}
