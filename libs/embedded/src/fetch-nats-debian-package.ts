import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { FetchOptions } from './find-nats-server.ts'
import { lastLines, runCommand } from './run-command.ts'

const patience = [
  '-o',
  'Acquire::http::Timeout=20',
  '-o',
  'Acquire::https::Timeout=20',
  '-o',
  'Acquire::Retries=1',
]

/**
 * Unpacks Debian's (or Ubuntu's) nats-server package without installing it: apt checks its signature, nothing is changed
 * outside the folder, and downloading needs no root. Only a fresh container without package lists is brought up to date.
 */
export async function fetchNatsDebianPackage(
  folder: string,
  { log, signal }: FetchOptions = {},
): Promise<string> {
  log?.('fetching nats-server with apt-get download')
  const run = { cwd: folder, signal, timeoutMs: 120_000 }
  const download = () => runCommand('apt-get', [...patience, 'download', 'nats-server'], run)
  let downloaded = await download()
  if (
    !downloaded.ok &&
    process.getuid?.() === 0 &&
    /unable to locate|no candidate|not found/i.test(downloaded.output)
  ) {
    await runCommand('apt-get', [...patience, 'update'], run)
    downloaded = await download()
  }
  if (!downloaded.ok) throw new Error(`apt-get download: ${lastLines(downloaded.output, 1)}`)
  const [archive] = readdirSync(folder).filter((name) => name.endsWith('.deb'))
  if (!archive) throw new Error('apt-get download: no package came')
  const unpacked = await runCommand('dpkg', ['-x', archive, '.'], run)
  if (!unpacked.ok) throw new Error(`dpkg -x: ${lastLines(unpacked.output, 1)}`)
  return join(folder, 'usr', 'sbin', 'nats-server')
}
