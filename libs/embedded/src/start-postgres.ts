import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { initCluster, SUPERUSER } from './init-cluster.ts'
import { choosePostgresAccount } from './postgres-account.ts'
import { findPostgresBinaries } from './postgres-binaries.ts'
import { identifyProcess } from './process-identity.ts'
import { type EmbeddedServer, runServer, type ServerOptions } from './run-server.ts'
import { prepareDataDir } from './writable-folder.ts'

export interface PostgresOptions extends ServerOptions {
  /** Server settings in addition to ours, as in postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>
}

/**
 * Runs a Postgres of our own on 127.0.0.1, made on first use and kept between starts; the URL is its superuser's. Only TCP
 * with a password: no unix socket, so nobody else's folder and no second way in. fsync stays on: a fact that was
 * committed on a development machine survives its power cut too.
 */
export async function startPostgres(options: PostgresOptions): Promise<EmbeddedServer> {
  const binaries = findPostgresBinaries()
  const dataDir = prepareDataDir(options.dataDir)
  const account = choosePostgresAccount(dataDir, binaries)
  const mark = ['-D', dataDir, '-c', 'cluster_name=strait']
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...options.settings,
  }
  const settingArgs = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  let password = ''
  return await runServer({
    ...options,
    dataDir,
    label: 'Postgres',
    program: 'postgres',
    mark: mark.join(' '),
    async prepare() {
      const sync = settings.fsync !== 'off'
      password = await initCluster({ ...options, dataDir, initdb: binaries.initdb, account, sync })
      removeForeignPostmasterPid(dataDir)
    },
    command: (port) => account.command(binaries.postgres, [...mark, '-p', String(port), ...settingArgs]),
    isReady: (pid) => isPostmasterReady(dataDir, pid),
    url: (port) => `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/postgres`,
  })
}

/** Postgres writes its process id in the first line of postmaster.pid and its state in the eighth. */
function isPostmasterReady(dataDir: string, pid: number): boolean {
  const lines = readPostmasterPid(dataDir)
  return lines[0] === String(pid) && lines[7]?.trim() === 'ready'
}

/**
 * After a power cut, the id in postmaster.pid may belong to any process of the same user, and Postgres would refuse to start
 * for as long as that lives. The file is removed only if that process is surely no Postgres; the process is left alone.
 */
function removeForeignPostmasterPid(dataDir: string): void {
  const holder = identifyProcess(Number(readPostmasterPid(dataDir)[0]))
  if (!holder || holder.program === 'postgres' || holder.command.startsWith('postgres:')) return
  rmSync(join(dataDir, 'postmaster.pid'), { force: true })
}

function readPostmasterPid(dataDir: string): string[] {
  try {
    return readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n')
  } catch {
    return []
  }
}
