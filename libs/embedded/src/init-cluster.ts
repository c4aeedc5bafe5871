/**
 * Makes a Postgres data folder once. initdb works in a temporary sibling that is renamed into place when it is complete, so
 * that a kill in the middle leaves at most a sibling that the next start removes.
 *
 * The superuser has a random password: whoever may log in as superuser may run programs as the owner of the server, and on
 * a shared machine every user can reach 127.0.0.1. It is written before the cluster exists and reused if initdb is
 * repeated, so a cluster without its password cannot come about.
 */
import { randomBytes } from 'node:crypto'
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { EmbeddedError, reasonOf } from './embedded-error.ts'
import type { PostgresAccount } from './postgres-account.ts'
import { removeFolder } from './remove-folder.ts'
import { lastLines, runCommand } from './run-command.ts'

export const SUPERUSER = 'strait'

export interface ClusterOptions {
  readonly dataDir: string
  readonly initdb: string
  readonly account: PostgresAccount
  /** False leaves the writing to the disk to the system, for a cluster that need not survive a power cut. */
  readonly sync: boolean
  readonly log?: ((line: string) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/** Makes the cluster unless it exists, and returns the superuser's password. Call it with the folder locked. */
export async function initCluster(options: ClusterOptions): Promise<string> {
  const { dataDir, log } = options
  const passwordFile = `${dataDir}.password`
  removeUnfinished(dataDir)
  if (existsSync(join(dataDir, 'PG_VERSION'))) return readPassword(passwordFile)
  if (existsSync(dataDir) && readdirSync(dataDir).length > 0) {
    const advice = 'move them away or choose another folder with STRAIT_DATA_DIR'
    throw new EmbeddedError(`${dataDir} holds files that are not Postgres's: ${advice}`)
  }
  const password = existsSync(passwordFile) ? readPassword(passwordFile) : createPassword(passwordFile)
  log?.(`making the Postgres data folder ${dataDir}`)
  const draft = `${dataDir}.init-${randomBytes(4).toString('hex')}`
  try {
    await runInitdb(draft, password, options)
    renameSync(join(draft, 'data'), dataDir)
  } finally {
    // All of them: an orphaned initdb may have made a part of its folder again after the first removal, before it failed.
    removeUnfinished(dataDir)
  }
  return password
}

async function runInitdb(draft: string, password: string, options: ClusterOptions): Promise<void> {
  const { account, signal, sync } = options
  const passwordCopy = join(draft, 'password')
  mkdirSync(draft, { mode: 0o700 })
  writeFileSync(passwordCopy, password, { mode: 0o600 })
  if (account.owner) {
    for (const path of [draft, passwordCopy]) chownSync(path, account.owner.uid, account.owner.gid)
  }
  const { file, args, ...ids } = account.command(options.initdb, [
    '--locale=C',
    '--encoding=UTF8',
    '--auth=scram-sha-256',
    '--no-instructions',
    `--username=${SUPERUSER}`,
    `--pwfile=${passwordCopy}`,
    `--pgdata=${join(draft, 'data')}`,
    ...(sync ? [] : ['--no-sync']),
  ])
  const { ok, output } = await runCommand(file, args, { ...ids, cwd: '/', timeoutMs: 120_000, signal })
  signal?.throwIfAborted()
  if (!ok) throw new EmbeddedError(`initdb failed: ${lastLines(output)}`)
}

function createPassword(file: string): string {
  const password = randomBytes(24).toString('base64url')
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, password, { mode: 0o600 })
  renameSync(draft, file)
  return password
}

function readPassword(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    throw new EmbeddedError(
      `the Postgres password ${file} cannot be read (${reasonOf(error)}): put it back, or remove the data folder to begin anew`,
      { cause: error },
    )
  }
}

/** An initdb whose parent was killed may be at work still: it fails when its folder is gone. */
function removeUnfinished(dataDir: string): void {
  const prefix = `${basename(dataDir)}.init-`
  for (const name of readdirSync(dirname(dataDir)).filter((name) => name.startsWith(prefix))) {
    removeFolder(join(dirname(dataDir), name))
  }
}
