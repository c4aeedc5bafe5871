import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { reasonOf } from './embedded-error.ts'
import type { FetchOptions } from './find-nats-server.ts'
import { lastLines, runCommand } from './run-command.ts'

const VERSION = 'v2.12.3'
const RELEASES = 'https://github.com/nats-io/nats-server/releases/download'
const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' }

/** Fetches a release of nats-server, refused unless its bytes have the checksum that the release names. */
export async function fetchNatsRelease(
  folder: string,
  { log, signal, releases = RELEASES }: FetchOptions & { releases?: string } = {},
): Promise<string> {
  const name = `nats-server-${VERSION}-${process.platform}-${architectures[process.arch] ?? process.arch}`
  const archive = `${name}.tar.gz`
  log?.(`fetching ${archive}`)
  const base = `${releases}/${VERSION}`
  const sums = (await download(`${base}/SHA256SUMS`, signal)).toString('utf8')
  const bytes = await download(`${base}/${archive}`, signal)
  const sum = createHash('sha256').update(bytes).digest('hex')
  if (sum !== namedChecksum(sums, archive)) throw new Error(`${archive} has not the checksum of its release`)
  writeFileSync(join(folder, archive), bytes)
  const unpacked = await runCommand('tar', ['-xzf', archive], { cwd: folder, signal })
  if (!unpacked.ok) throw new Error(`tar: ${lastLines(unpacked.output, 1)}`)
  return join(folder, name, 'nats-server')
}

/** The checksum that a SHA256SUMS file gives for a file. */
function namedChecksum(sums: string, file: string): string | undefined {
  const lines = sums.split('\n').map((line) => line.trim().split(/\s+\*?/))
  return lines.find(([, name]) => name === file)?.[0]
}

async function download(url: string, signal: AbortSignal | undefined): Promise<Buffer> {
  const limit = AbortSignal.timeout(120_000)
  const response = await fetch(url, { signal: signal ? AbortSignal.any([signal, limit]) : limit }).catch(
    (error) => {
      throw new Error(`${url}: ${reasonOf(error.cause ?? error)}`, { cause: error })
    },
  )
  if (!response.ok) throw new Error(`${url} answered ${response.status}`)
  return Buffer.from(await response.arrayBuffer())
}
