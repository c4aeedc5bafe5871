import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { cleanEnv } from './clean-env.ts'
import { EmbeddedError, reasonOf } from './embedded-error.ts'
import type { Command } from './postgres-account.ts'
import { identifyProcess } from './process-identity.ts'
import { removeProcessRecord, writeProcessRecord } from './process-record.ts'
import { stopProcess } from './stop-process.ts'

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface LaunchedServer {
  readonly pid: number
  readonly exited: Promise<Exit>
  hasExited(): boolean
  stop(): Promise<void>
}

interface Place {
  readonly label: string
  readonly dataDir: string
  readonly mark: string
}

/**
 * Spawns a server in a process group of its own, its output in `<dataDir>.log`, and writes its record. A pipe to us would
 * break when we are killed, and the server with it, at its next line.
 */
export async function launchServer(
  { label, dataDir, mark }: Place,
  command: Command,
  port: number,
): Promise<LaunchedServer> {
  const { file, args, ...ids } = command
  const output = openSync(`${dataDir}.log`, 'w')
  const env = cleanEnv(process.env)
  const child = spawn(file, args, {
    ...ids,
    cwd: '/',
    detached: true,
    env,
    stdio: ['ignore', output, output],
  })
  closeSync(output)
  const exited = exitOf(child)
  const { pid } = child
  if (pid === undefined) {
    const [cause] = await once(child, 'error')
    throw new EmbeddedError(`${label} cannot be run: ${file}: ${reasonOf(cause)}`, { cause })
  }
  const recordFile = `${dataDir}.pid.json`
  const identity = identifyProcess(pid)
  if (identity) writeProcessRecord(recordFile, { pid, started: identity.started, names: mark, port })
  const hasExited = () => child.exitCode !== null || child.signalCode !== null
  return {
    pid,
    exited,
    hasExited,
    async stop() {
      if (identity && !hasExited()) await stopProcess(identity)
      await exited
      removeProcessRecord(recordFile)
    },
  }
}

function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })))
}
