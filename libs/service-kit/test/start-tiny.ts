// The tiny service as a process of its own, and what it says.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { waitFor } from '@strait/testkit/wait-for'
import type { TestContext } from 'vitest'

const main = fileURLToPath(new URL('tiny-service.ts', import.meta.url))

/** Starts it; it is killed when the test is over. */
export function startTiny(
  { onTestFinished }: Pick<TestContext, 'onTestFinished'>,
  env: Record<string, string> = {},
) {
  const { PATH = '' } = process.env
  const child = spawn(process.execPath, [main], {
    env: {
      PATH,
      HOST: '127.0.0.1',
      PORT: '0',
      OPS_PORT: '0',
      STRAIT_SERVICE_TOKEN: 'the token of the services',
      ...env,
    },
  })
  const said = { out: '', err: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.err += text
  })
  const ended = once(child, 'close')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const log = () =>
    said.err
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line))
  const started = () =>
    waitFor(() => log().find(({ msg }) => msg === 'started'), { what: 'the service to start' })
  const exitCode = async (): Promise<number | null> => (await ended)[0]
  return { child, said, log, started, exitCode }
}
