import { createServer } from 'node:http'
import { freePort } from '@strait/testkit/free-port'
import { waitFor } from '@strait/testkit/wait-for'
import { describe, expect, test } from 'vitest'

import { aPlace, processesOf, start } from '../standalone.ts'

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
