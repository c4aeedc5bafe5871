/**
 * Finds a nats-server to run: on the PATH, then in the cache folder, then fetched from the machine's own package archive,
 * then from the project's releases. A fetched one is put into the cache with a rename, so several processes may fetch at
 * once and none ever runs half a file.
 */
import { accessSync, constants, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { EmbeddedError, reasonOf } from './embedded-error.ts'
import { fetchNatsDebianPackage } from './fetch-nats-debian-package.ts'
import { fetchNatsRelease } from './fetch-nats-release.ts'
import { runCommand } from './run-command.ts'

export interface FetchOptions {
  /** Told what is fetched, since it takes seconds. */
  readonly log?: ((line: string) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/** Puts a nats-server into the folder and returns its path; throws when it cannot. */
export type FetchNatsServer = (folder: string, options: FetchOptions) => Promise<string>

const allSources: readonly FetchNatsServer[] = [fetchNatsDebianPackage, fetchNatsRelease]

/** The path of a nats-server of version 2.9 or later, fetched into `cacheDir` if this machine has none. */
export async function findNatsServer(
  cacheDir: string,
  options: FetchOptions & { path?: string; sources?: readonly FetchNatsServer[] } = {},
): Promise<string> {
  const { path = process.env.PATH ?? '', sources = allSources } = options
  const cached = join(cacheDir, 'nats-server')
  const folders = path.split(delimiter).filter((folder) => folder !== '')
  for (const file of [...folders.map((folder) => join(folder, 'nats-server')), cached]) {
    if (isExecutable(file) && (await isUsable(file))) return file
  }
  const failures: string[] = []
  for (const fetchInto of sources) {
    options.signal?.throwIfAborted()
    try {
      await fillCache(cacheDir, cached, fetchInto, options)
      return cached
    } catch (error) {
      failures.push(reasonOf(error))
    }
  }
  options.signal?.throwIfAborted()
  throw new EmbeddedError(
    `no nats-server is to be had (${failures.join('; ')}): install nats-server 2.9 or later, or set NATS_URL to one that runs`,
  )
}

async function fillCache(
  cacheDir: string,
  cached: string,
  fetchInto: FetchNatsServer,
  options: FetchOptions,
) {
  mkdirSync(cacheDir, { recursive: true })
  const draft = mkdtempSync(join(cacheDir, 'fetch-'))
  try {
    const binary = await fetchInto(draft, options)
    if (!(await isUsable(binary))) throw new Error('the fetched nats-server does not run here')
    renameSync(binary, cached)
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

async function isUsable(file: string): Promise<boolean> {
  const { ok, output } = await runCommand(file, ['--version'], { timeoutMs: 10_000 })
  const [, major, minor] = /v(\d+)\.(\d+)\./.exec(output) ?? []
  return ok && (Number(major) > 2 || (Number(major) === 2 && Number(minor) >= 9))
}
