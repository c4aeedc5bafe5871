import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createServiceClient } from '@strait/contracts/clients'
import { RunStatus } from '@strait/contracts/dispatcher/v1/run_pb'
import { RunService } from '@strait/contracts/dispatcher/v1/run_service_pb'
import { freePort } from '@strait/testkit/free-port'
import { createReceiver, type Receiver } from '@strait/testkit/receiver'
import { waitFor } from '@strait/testkit/wait-for'
import { describe, expect, onTestFinished, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const main = join(root, 'services/standalone/src/main.ts')

interface Started {
  readonly pid: number
  output(): string
  kill(signal: NodeJS.Signals): void
  readonly exited: Promise<number | null>
}

/** Starts the standalone as its own process, with no service of ours in its environment. */
function start(env: Readonly<Record<string, string>>, args: readonly string[] = []): Started {
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
async function aPlace(): Promise<{ readonly dataDir: string; readonly env: Record<string, string> }> {
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
function processesOf(folder: string): Promise<string> {
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

test('--once tells the whole story on real parts, tells clients where to go, exits 0 and leaves no process behind', async () => {
  const { dataDir, env } = await aPlace()
  const standalone = start(env, ['--once'])
  await waitFor(() => standalone.output().includes('Strait is up'), {
    what: 'the standalone to be up',
    timeoutMs: 60_000,
  })
  const context = JSON.parse(readFileSync(join(dataDir, 'context.json'), 'utf8'))
  expect(context).toEqual({
    url: `http://127.0.0.1:${env.PORT}`,
    api_key: expect.stringMatching(/^strait_[0-9a-z]+_[0-9A-Za-z]+$/),
    project_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
  })
  expect(statSync(join(dataDir, 'context.json')).mode & 0o777).toBe(0o600)
  expect(await standalone.exited).toBe(0)
  const output = standalone.output()
  for (const line of [
    / queued /,
    / executing +attempt 1/,
    /POST \/hello attempt 1 .*503/,
    / delayed /,
    / completed +attempt 2/,
    /run\.completed of hello.*signature verified/,
    /POST \/tick attempt 1/,
    /run\.completed of tick.*signature verified/,
  ]) {
    expect(output).toMatch(line)
  }
  expect(output).not.toContain('missing')
  expect(await processesOf(dataDir)).toBe('')
}, 200_000)

test('--once exits 1 and names the lines that are missing when the run does not complete', async () => {
  const { dataDir, env } = await aPlace()
  await using endpoint = await createReceiver(() => ({ status: 404 }))
  const standalone = start({ ...env, STRAIT_DEMO_URL: endpoint.url }, ['--once'])
  expect(await standalone.exited).toBe(1)
  expect(standalone.output()).toMatch(/ failed +attempt 1 failed: the endpoint answered 404/)
  expect(standalone.output()).toMatch(/this line of the story is missing: [0-9a-f-]{36} completed/)
  expect(await processesOf(dataDir)).toBe('')
}, 90_000)

// The five points are facts that can be seen from outside; at each of them the process and all it holds is gone at once.
describe('killed with kill -9', () => {
  type Point = [point: string, reached: (standalone: Started, endpoint: Receiver) => boolean]
  const points: Point[] = [
    ['while Postgres is being set up', (standalone) => standalone.output().includes('Postgres data folder')],
    ['as soon as it is up', (standalone) => standalone.output().includes('Strait is up')],
    ['when the first run is queued', (standalone) => / queued /.test(standalone.output())],
    ['while the endpoint works on the first attempt', (_, endpoint) => endpoint.requests.length > 0],
    ['when the webhook was received', (standalone) => standalone.output().includes('signature verified')],
  ]
  test.each(points)(
    '%s, a new start stops the orphans and finishes the run',
    async (point, reached) => {
      const { dataDir, env } = await aPlace()
      const killed = Promise.withResolvers<void>()
      await using endpoint = await createReceiver(async () => {
        if (point.includes('first attempt')) await killed.promise
        return { body: { ok: true } }
      })
      const first = start({ ...env, STRAIT_DEMO_URL: endpoint.url })
      await waitFor(() => reached(first, endpoint), { what: point, timeoutMs: 60_000 })
      first.kill('SIGKILL')
      await first.exited
      killed.resolve()
      const orphans = await processesOf(dataDir)

      const second = start({ ...env, STRAIT_DEMO_URL: endpoint.url })
      await waitFor(() => second.output().includes('Strait is up'), {
        what: 'the second start',
        timeoutMs: 60_000,
      })
      for (const line of orphans.split('\n').filter((each) => each !== ''))
        expect(await processesOf(dataDir)).not.toContain(line)
      await waitFor(() => /run\.completed of hello.*signature verified/.test(second.output()), {
        what: "the second start's own run",
        timeoutMs: 30_000,
      })
      const run = / ([0-9a-f-]{36}) queued /.exec(first.output())?.[1]
      if (run !== undefined) {
        const context = JSON.parse(readFileSync(join(dataDir, 'context.json'), 'utf8'))
        const runs = createServiceClient(RunService, { baseUrl: context.url, bearer: context.api_key })
        const status = await waitFor(
          async () => {
            const answer = await runs.getRun({ run })
            return answer.run?.finishedAt === undefined ? undefined : answer.run.status
          },
          { what: "the first start's run to end", timeoutMs: 20_000 },
        )
        expect(RunStatus[status]).toBe('COMPLETED')
      }
      second.kill('SIGTERM')
      expect(await second.exited).toBe(0)
      expect(await processesOf(dataDir)).toBe('')
    },
    200_000,
  )
})

test('Ctrl-C stops everything within five seconds, also with a call in flight, and leaves no process behind', async () => {
  const { dataDir, env } = await aPlace()
  await using endpoint = await createReceiver(() => 'hang')
  const standalone = start({ ...env, STRAIT_DEMO_URL: endpoint.url })
  await waitFor(() => endpoint.requests.length > 0, { what: 'a call in flight', timeoutMs: 60_000 })
  const before = performance.now()
  standalone.kill('SIGINT')
  expect(await standalone.exited).toBe(0)
  expect(performance.now() - before).toBeLessThan(5_000)
  expect(await processesOf(dataDir)).toBe('')
}, 120_000)

describe('one clear line that says what to do, and exit code 1, when', () => {
  async function refusedWith(
    env: Readonly<Record<string, string>>,
    args: readonly string[] = [],
  ): Promise<string> {
    const standalone = start(env, args)
    expect(await standalone.exited).toBe(1)
    return standalone.output().trim()
  }

  test('the port is taken', async () => {
    const { dataDir, env } = await aPlace()
    const other = createServer().listen(Number(env.PORT), '0.0.0.0')
    await waitFor(() => other.listening, { what: 'the port to be taken' })
    expect(await refusedWith(env)).toBe(
      `strait: port ${env.PORT} is taken: stop what listens there or choose another port`,
    )
    other.close()
    expect(await processesOf(dataDir)).toBe('')
  })

  test('the data folder is not writable', async () => {
    const { env } = await aPlace()
    for (const folder of ['/dev/null/strait', '/proc/strait/deep']) {
      const said = await refusedWith({ ...env, STRAIT_DATA_DIR: folder })
      expect(said).toMatch(/^strait: the data folder \S+ is not writable .*STRAIT_DATA_DIR$/)
      expect(said).toContain(folder)
    }
  })

  test('the data folder is in use', async () => {
    const { env } = await aPlace()
    const first = start(env)
    await waitFor(() => first.output().includes('Strait is up'), {
      what: 'the first start',
      timeoutMs: 60_000,
    })
    const said = await refusedWith({
      ...env,
      PORT: String(await freePort()),
      OPS_PORT: String(await freePort()),
    })
    expect(said).toMatch(new RegExp(`^strait: .*in use by process ${first.pid}.*STRAIT_DATA_DIR$`))
    first.kill('SIGTERM')
    expect(await first.exited).toBe(0)
  }, 90_000)

  test('Postgres is not to be had', async () => {
    const { env } = await aPlace()
    const said = await refusedWith({
      ...env,
      DATABASE_URL: `postgres://nobody@127.0.0.1:${await freePort()}/none`,
    })
    expect(said.split('\n').at(-1)).toMatch(/^strait: .*Postgres cannot be reached .*DATABASE_URL/)
  }, 60_000)

  test('NATS is not to be had', async () => {
    const { dataDir, env } = await aPlace()
    const said = await refusedWith({ ...env, NATS_URL: `nats://127.0.0.1:${await freePort()}` })
    expect(said.split('\n').at(-1)).toMatch(/^strait: .*NATS cannot be reached .*NATS_URL/)
    expect(await processesOf(dataDir)).toBe('')
  }, 60_000)

  test('a setting or an argument is wrong', async () => {
    const { env } = await aPlace()
    const said = await refusedWith({ ...env, DISPATCHER_MAX_INFLIGHT: '9' })
    expect(said.split('\n').at(-1)).toContain('did you mean DISPATCHER_MAX_IN_FLIGHT?')
    expect(await refusedWith({ ...env, PORT: 'x' })).toBe(
      'strait: PORT must be a whole number from 1 to 65535, not "x"',
    )
    expect(await refusedWith(env, ['--onec'])).toBe('strait: --onec is not known; there is --once')
  }, 60_000)
})
