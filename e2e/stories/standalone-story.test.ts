import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createReceiver } from '@strait/testkit/receiver'
import { waitFor } from '@strait/testkit/wait-for'
import { expect, test } from 'vitest'

import { aPlace, processesOf, start } from '../standalone.ts'

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

test('Ctrl-C stops everything within five seconds, also with a call in flight, and leaves no process behind', async () => {
  const { dataDir, env } = await aPlace()
  await using endpoint = await createReceiver(() => 'hang')
  const standalone = start({ ...env, STRAIT_DEMO_URL: endpoint.url })
  await waitFor(() => endpoint.requests.length > 0, { what: 'a call in flight', timeoutMs: 60_000 })
  const described = await fetch(`http://127.0.0.1:${env.PORT}/openapi.json`)
  expect((await described.json()) as object).toHaveProperty(['paths', '/v1/workflows/{workflow}'])
  const before = performance.now()
  standalone.kill('SIGINT')
  expect(await standalone.exited).toBe(0)
  expect(performance.now() - before).toBeLessThan(5_000)
  expect(await processesOf(dataDir)).toBe('')
}, 120_000)
