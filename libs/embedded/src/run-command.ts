import { spawn } from 'node:child_process'
import { cleanEnv } from './clean-env.ts'

export interface CommandResult {
  readonly ok: boolean
  /** Everything it printed, or why it could not be run. */
  readonly output: string
}

export interface CommandOptions {
  readonly cwd?: string
  readonly uid?: number
  readonly gid?: number
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/** Runs a short command to its end and returns what it printed; a failure is an answer, not an exception. */
export function runCommand(
  file: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const { timeoutMs = 60_000, ...rest } = options
  return new Promise((resolve) => {
    let output = ''
    const child = spawn(file, args, {
      ...rest,
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
      env: { ...cleanEnv(process.env), LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    }
    child.on('error', (error) => {
      output += `${error.message}\n`
      // An abort is told before the killed child is gone; a spawn that failed has no end to wait for.
      if (child.pid === undefined) resolve({ ok: false, output })
    })
    child.on('close', (code, signal) => {
      if (signal) output += `ended by ${signal}\n`
      resolve({ ok: code === 0, output })
    })
  })
}

/** The last lines of a program's output on one line, for a message. */
export function lastLines(output: string, count = 4): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '')
  return lines.slice(-count).join(' | ')
}
