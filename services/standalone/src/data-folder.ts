// What the standalone keeps in its data folder besides the databases: the keys that encrypt, and how clients find and open it.

import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseJson } from '@strait/domain/json/parse-json'
import { StartError } from '@strait/service-kit/listen'

/** Secrets of this installation, made once. */
export interface Secrets {
  readonly masterKey: string
  readonly serviceToken: string
  /** Signs the demo jobs' webhooks. */
  readonly webhookSecret: string
}

/** How clients in development find and open this installation. */
export interface Context {
  readonly url: string
  readonly api_key: string
  readonly project_id: string
}

/** Makes the folder, or says in one sentence why that cannot be. */
export function makeDataFolder(folder: string): void {
  try {
    makeFolder(folder)
    const probe = join(folder, '.writable')
    writeFileSync(probe, '')
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new StartError(
      `the data folder ${folder} is not writable (${why}): mend it or choose another with STRAIT_DATA_DIR`,
      {
        cause,
      },
    )
  }
}

/** Level by level: asked to make several levels below /proc, Node's own way never comes back. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return
  makeFolder(dirname(folder))
  mkdirSync(folder, { mode: 0o755 })
}

/** The secrets of this installation; made at the first start, whole or not at all. */
export function loadSecrets(folder: string): Secrets {
  const file = join(folder, 'secrets.json')
  if (existsSync(file)) return readJson<Secrets>(file)
  const secrets: Secrets = {
    masterKey: randomBytes(32).toString('base64'),
    serviceToken: randomBytes(32).toString('hex'),
    webhookSecret: `whsec_${randomBytes(32).toString('base64')}`,
  }
  writePrivately(file, secrets)
  return secrets
}

/** Where clients were told to go last time; undefined when they were not. */
export function readContext(folder: string): Context | undefined {
  const file = join(folder, 'context.json')
  return existsSync(file) ? readJson<Context>(file) : undefined
}

/** Tells clients where to go. */
export function writeContext(folder: string, context: Context): void {
  writePrivately(join(folder, 'context.json'), context)
}

/** The sample endpoint's port, kept so that jobs of earlier starts still find it; undefined at the first start. */
export function readDemoPort(folder: string): number | undefined {
  const file = join(folder, 'demo.json')
  return existsSync(file) ? readJson<{ port: number }>(file).port : undefined
}

/** Keeps the sample endpoint's port. */
export function writeDemoPort(folder: string, port: number): void {
  writePrivately(join(folder, 'demo.json'), { port })
}

function readJson<T>(file: string): T {
  try {
    return parseJson(readFileSync(file, 'utf8')) as T
  } catch (cause) {
    throw new StartError(`${file} cannot be read: remove it to have it made again`, { cause })
  }
}

function writePrivately(file: string, content: object): void {
  const fresh = `${file}.new`
  writeFileSync(fresh, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 })
  chmodSync(fresh, 0o600)
  renameSync(fresh, file)
}
