/**
 * A process under test. It sees the variables it is given and nothing else of ours, and it is recorded in the run's folder, so
 * that no end of the suite leaves it behind.
 */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { identifyProcess } from '@strait/embedded/process-identity'
import { removeProcessRecord, writeProcessRecord } from '@strait/embedded/process-record'
import { inject } from 'vitest'
import './test-run.ts'
import { waitFor } from './wait-for.ts'

export interface ProgramOptions {
  /** What it is called in messages. */
  readonly name: string
  /** The program and its arguments. */
  readonly command: readonly [program: string, ...args: string[]]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** Answers 200 once the program is ready. */
  readonly readyUrl: string
  readonly readyTimeoutMs?: number
}

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface SpawnedProgram extends AsyncDisposable {
  readonly pid: number
  readonly exited: Promise<Exit>
  /** Everything it wrote to stdout and stderr so far. */
  output(): string
  /** Sends a signal and does not wait. */
  kill(signal: NodeJS.Signals): void
  /** SIGTERM, then its exit code once it is gone. */
  stop(): Promise<number | null>
}

/** Spawns a program and returns when it is ready; throws with its output if it ends before. */
export async function spawnProgram(options: ProgramOptions): Promise<SpawnedProgram> {
  const { name, command, cwd, readyUrl, readyTimeoutMs = 30_000 } = options
  const [program, ...args] = command
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(program, args, {
    cwd,
    env: { PATH, HOME, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  let exit: Exit | undefined
  const recordFile = join(inject('testRun').folder, `${name}-${randomBytes(4).toString('hex')}.pid.json`)
  const exited = new Promise<Exit>((resolve) => {
    child.once('close', (code, signal) => {
      exit = { code, signal }
      removeProcessRecord(recordFile)
      resolve(exit)
    })
  })
  child.once('error', (error) => {
    output += String(error)
  })
  const { pid } = child
  if (pid === undefined) throw new Error(`${name} could not be spawned: ${program}`)
  const started = identifyProcess(pid)?.started
  if (started) writeProcessRecord(recordFile, { pid, started, names: args.join(' ') })

  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal)
    return (await exited).code
  }
  const isSettled = async () => exit !== undefined || (await fetch(readyUrl)).ok
  await waitFor(isSettled, { timeoutMs: readyTimeoutMs, what: `${name} to be ready` }).catch(
    async (error) => {
      await end('SIGKILL')
      throw new Error(`${error.message}\n${output}`, { cause: error })
    },
  )
  if (exit) throw new Error(`${name} ended before it was ready: ${JSON.stringify(exit)}\n${output}`)
  return {
    pid,
    exited,
    output: () => output,
    kill: (signal) => void child.kill(signal),
    stop: () => end('SIGTERM'),
    [Symbol.asyncDispose]: () => end('SIGKILL').then(() => undefined),
  }
}
