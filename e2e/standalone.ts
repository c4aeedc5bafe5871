// The standalone as people run it: its own process, a data folder and ports of its own.

import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '@strait/testkit/free-port'
import { onTestFinished } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const main = join(root, 'services/standalone/src/main.ts')

/** A running standalone. */
export interface Started {
  readonly pid: number
  output(): string
  kill(signal: NodeJS.Signals): void
  readonly exited: Promise<number | null>
}

/** Starts the standalone as its own process, with no service of ours in its environment. */
export function start(env: Readonly<Record<string, string>>, args: readonly string[] = []): Started {
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(process.execPath, [main, ...args], {
    cwd: root,
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  const exited = new Promise<number | null>((done) => child.once('close', (code) => done(code)))
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await exited
  })
  return { pid: child.pid ?? 0, output: () => output, kill: (signal) => void child.kill(signal), exited }
}

/** A data folder and ports of its own. */
export async function aPlace(): Promise<{ readonly dataDir: string; readonly env: Record<string, string> }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'strait-standalone-'))
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }))
  const env = {
    STRAIT_DATA_DIR: dataDir,
    PORT: String(await freePort()),
    OPS_PORT: String(await freePort()),
    DISPATCHER_LEASE_MS: '2000',
  }
  return { dataDir, env }
}

/** Processes whose command line names a folder: the children that must not stay behind. */
export function processesOf(folder: string): Promise<string> {
  return new Promise((done) => {
    const ps = spawn('ps', ['-eo', 'pid,args'], { stdio: ['ignore', 'pipe', 'ignore'] })
    let text = ''
    ps.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    ps.once('close', () =>
      done(
        text
          .split('\n')
          .filter((line) => line.includes(folder))
          .join('\n'),
      ),
    )
  })
}
