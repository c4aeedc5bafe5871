/**
 * A service as the process it is in production: `node services/<name>/src/main.ts`. It sees the variables it is given and
 * nothing else of ours, and it is recorded in the run's folder, so that no end of the suite leaves it behind.
 */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { identifyProcess } from '@strait/embedded/process-identity'
import { removeProcessRecord, writeProcessRecord } from '@strait/embedded/process-record'
import { inject } from 'vitest'
import { freePort } from './free-port.ts'
import './test-run.ts'
import { waitFor } from './wait-for.ts'

export interface ServiceOptions {
  readonly service: 'catalog' | 'scheduler' | 'dispatcher' | 'notifier' | 'standalone'
  readonly env: Readonly<Record<string, string>>
  /** Arguments of the program. */
  readonly args?: readonly string[]
  /** Answers 200 once the service is ready; its ops server's `/readyz` when absent. */
  readonly readyUrl?: string
  readonly readyTimeoutMs?: number
}

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface SpawnedService extends AsyncDisposable {
  readonly pid: number
  readonly opsUrl: string
  readonly exited: Promise<Exit>
  /** Everything it wrote to stdout and stderr so far. */
  output(): string
  /** Sends a signal and does not wait. */
  kill(signal: NodeJS.Signals): void
  /** SIGTERM, then its exit code once it is gone. */
  stop(): Promise<number | null>
}

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** Spawns a service and returns when it is ready; throws with its output if it ends before. */
export async function spawnService(options: ServiceOptions): Promise<SpawnedService> {
  const { service, env, args = [], readyTimeoutMs = 30_000 } = options
  const opsPort = env.OPS_PORT ?? String(await freePort())
  const opsUrl = `http://127.0.0.1:${opsPort}`
  const main = join(root, 'services', service, 'src', 'main.ts')
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(process.execPath, [main, ...args], {
    cwd: root,
    env: { PATH, HOME, OPS_PORT: opsPort, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  const { pid } = child
  if (pid === undefined) throw new Error(`${service} could not be spawned`)
  const recordFile = join(inject('testRun').folder, `${service}-${randomBytes(4).toString('hex')}.pid.json`)
  const started = identifyProcess(pid)?.started
  if (started) writeProcessRecord(recordFile, { pid, started, names: main })

  let exit: Exit | undefined
  const exited = new Promise<Exit>((resolve) => {
    child.once('close', (code, signal) => {
      exit = { code, signal }
      removeProcessRecord(recordFile)
      resolve(exit)
    })
  })
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal)
    return (await exited).code
  }
  const readyUrl = options.readyUrl ?? `${opsUrl}/readyz`
  const isSettled = async () => exit !== undefined || (await fetch(readyUrl)).ok
  await waitFor(isSettled, { timeoutMs: readyTimeoutMs, what: `${service} to be ready` }).catch(
    async (error) => {
      await end('SIGKILL')
      throw new Error(`${error.message}\n${output}`, { cause: error })
    },
  )
  if (exit) throw new Error(`${service} ended before it was ready: ${JSON.stringify(exit)}\n${output}`)
  return {
    pid,
    opsUrl,
    exited,
    output: () => output,
    kill: (signal) => void child.kill(signal),
    stop: () => end('SIGTERM'),
    [Symbol.asyncDispose]: () => end('SIGKILL').then(() => undefined),
  }
}
