/**
 * Under which account Postgres runs. It refuses to run as root, so for root it runs as an unprivileged user: the owner of
 * the existing data folder, else `postgres`, else `nobody`, else one made for it.
 *
 * A checkout often lies in a folder that only root may enter (/root, mktemp -d). Neither the binaries nor the data folder
 * can be reached by that user then, and the permissions of somebody's folders are not ours to change: the process is given
 * CAP_DAC_OVERRIDE alone, through util-linux's setpriv, and passes by them.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { cleanEnv } from './clean-env.ts'
import { EmbeddedError } from './embedded-error.ts'
import type { PostgresBinaries } from './postgres-binaries.ts'
import { lastLines } from './run-command.ts'

export interface Command {
  readonly file: string
  readonly args: readonly string[]
  readonly uid?: number
  readonly gid?: number
}

export interface PostgresAccount {
  /** The owner that Postgres' files must have; undefined when they are ours anyway. */
  readonly owner: { readonly uid: number; readonly gid: number } | undefined
  /** The command that runs a program under this account. */
  command(file: string, args: readonly string[]): Command
}

/** Decides under which account Postgres runs for this data folder, and proves that it can reach all it needs. */
export function choosePostgresAccount(dataDir: string, binaries: PostgresBinaries): PostgresAccount {
  if (process.getuid?.() !== 0) return ownAccount(dataDir)
  const owner = ownerOf(dataDir) ?? userNamed('postgres') ?? userNamed('nobody') ?? createUser()
  const plain: PostgresAccount = { owner, command: (file, args) => ({ file, args, ...owner }) }
  if (probe(plain, dataDir, binaries).ok) return plain
  const capable: PostgresAccount = {
    owner,
    command: (file, args) => ({
      file: 'setpriv',
      args: [
        `--reuid=${owner.uid}`,
        `--regid=${owner.gid}`,
        '--clear-groups',
        // access(2), with which Postgres looks at its own binaries, ignores the capabilities of a non-root user without this.
        '--securebits=+no_setuid_fixup',
        '--inh-caps=+dac_override',
        '--ambient-caps=+dac_override',
        '--',
        file,
        ...args,
      ],
    }),
  }
  const outcome = probe(capable, dataDir, binaries)
  if (outcome.ok) return capable
  throw new EmbeddedError(
    `Postgres does not run as root, and user ${owner.uid} cannot reach ${binaries.postgres} and ${dirname(dataDir)} ` +
      `without setpriv from util-linux (${outcome.output}): install it, start as an ordinary user, or set DATABASE_URL`,
  )
}

function ownAccount(dataDir: string): PostgresAccount {
  const owner = existsSync(dataDir) ? statSync(dataDir).uid : process.getuid?.()
  if (owner === process.getuid?.()) return { owner: undefined, command: (file, args) => ({ file, args }) }
  throw new EmbeddedError(
    `the Postgres data folder ${dataDir} belongs to user ${owner}: start as that user, or choose another folder with STRAIT_DATA_DIR`,
  )
}

/** Runs the real binary under the account: the kernel knows about permissions, ACLs and mounts; a look at modes does not. */
function probe(account: PostgresAccount, dataDir: string, { postgres, sampleFile }: PostgresBinaries) {
  const script = '"$1" --version && [ -r "$2" ] && [ -x "$3" ]'
  const { file, args, ...ids } = account.command('/bin/sh', [
    '-c',
    script,
    'sh',
    postgres,
    sampleFile,
    dirname(dataDir),
  ])
  const run = spawnSync(file, args, { ...ids, cwd: '/', encoding: 'utf8', env: cleanEnv(process.env) })
  return { ok: run.status === 0, output: run.error?.message ?? lastLines(run.stderr) }
}

function ownerOf(dataDir: string): { uid: number; gid: number } | undefined {
  if (!existsSync(dataDir)) return undefined
  const { uid, gid } = statSync(dataDir)
  return uid === 0 ? undefined : { uid, gid }
}

function userNamed(name: string): { uid: number; gid: number } | undefined {
  const [uid, gid] = ['-u', '-g'].map((flag) => {
    const { status, stdout } = spawnSync('id', [flag, name], { encoding: 'utf8' })
    return status === 0 ? Number(stdout) : undefined
  })
  return uid && gid !== undefined ? { uid, gid } : undefined
}

function createUser(): { uid: number; gid: number } {
  const name = 'strait-postgres'
  const made = spawnSync('useradd', ['--system', '--no-create-home', '--shell', '/usr/sbin/nologin', name], {
    encoding: 'utf8',
  })
  const user = userNamed(name)
  if (user) return user
  const why = made.error?.message ?? lastLines(made.stderr)
  throw new EmbeddedError(
    `Postgres does not run as root, and no user could be made for it (${why}): start as an ordinary user, or set DATABASE_URL`,
  )
}
