// A service as a process: what it says when it cannot start, and how it ends.

import { once } from 'node:events'
import { createServer } from 'node:net'
import { waitFor } from '@strait/testkit/wait-for'
import { describe, test } from 'vitest'
import { startTiny } from './start-tiny.ts'

// Each is a process of its own, most of whose time goes by in starting it.
describe.concurrent('a service', () => {
  test('it starts in reading order, is ready, and a signal stops it in the opposite order', async (context) => {
    const { expect } = context
    const { child, said, log, started, exitCode } = startTiny(context)
    const { ops_port } = await started()
    expect((await fetch(`http://127.0.0.1:${ops_port}/readyz`)).status).toBe(200)
    child.kill('SIGTERM')
    expect(await exitCode()).toBe(0)
    expect(said.out).toBe('second starts\nthird starts\nsecond stopped\nfirst stopped\nover\n')
    expect(log().map(({ msg }) => msg)).toEqual(['started', 'stopping', 'stopped'])
  })

  test('a second signal changes nothing', async (context) => {
    const { expect } = context
    const { child, said, started, exitCode } = startTiny(context, { TINY_PART: 'patient' })
    await started()
    child.kill('SIGINT')
    // The part waits for the SIGTERM, so the process is there to hear what comes before it.
    await waitFor(() => said.out.includes('second stops'), { what: 'the stop to be under way' })
    child.kill('SIGINT')
    child.kill('SIGTERM')
    expect(await exitCode()).toBe(0)
    expect(said.out).toContain('second stopped\nfirst stopped\nover\n')
  })

  test('wrong keys are counted by who is behind a proxy that it is told to trust', async (context) => {
    const { expect } = context
    const { started } = startTiny(context, {
      STRAIT_AUTH_FAILURES_PER_MINUTE: '1',
      STRAIT_TRUSTED_PROXIES: '127.0.0.0/8',
    })
    const { port } = await started()
    const reasonFor = async (key: string, address: string) => {
      const authorization = `Bearer strait_${key.repeat(12)}_${key.repeat(42)}`
      const headers = { authorization, 'x-forwarded-for': address }
      const answer = await fetch(`http://127.0.0.1:${port}/v1/jobs/mine`, { headers })
      return ((await answer.json()) as { readonly reason: string }).reason
    }
    expect(await reasonFor('a', '203.0.113.1')).toBe('KEY_INVALID')
    expect(await reasonFor('b', '203.0.113.1')).toBe('TOO_MANY_FAILURES')
    expect(await reasonFor('c', '203.0.113.2')).toBe('KEY_INVALID')
  })

  test('everything that is wrong with its settings is said at once, one line each', async (context) => {
    const { expect } = context
    const { said, exitCode } = startTiny(context, {
      PORT: 'x',
      STRAIT_SERVICE_TOKEN: 'short',
      TINY_PRAT: 'good',
    })
    expect(await exitCode()).toBe(1)
    expect(said).toEqual({
      out: 'over\n',
      err: [
        'tiny: PORT must be a whole number from 0 to 65535, not "x"',
        'tiny: STRAIT_SERVICE_TOKEN must be 16 to 256 characters of printable ASCII',
        'tiny: TINY_PRAT is not a setting of this service; did you mean TINY_PART?',
        '',
      ].join('\n'),
    })
  })

  test('a port that is taken is one line, and what was started is stopped', async (context) => {
    const { expect } = context
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    context.onTestFinished(() => void taken.close())
    const { port } = taken.address() as { port: number }
    const { said, exitCode } = startTiny(context, { PORT: String(port) })
    expect(await exitCode()).toBe(1)
    expect(said.err).toBe(`tiny: port ${port} is taken: stop what listens there or choose another port\n`)
    expect(said.out).toContain('second stopped\nfirst stopped\n')
  })

  test('a part that an operator can help is one line', async (context) => {
    const { expect } = context
    const { said, exitCode } = startTiny(context, { TINY_PART: 'mistaken' })
    expect(await exitCode()).toBe(1)
    expect(said.err).toBe('tiny: the oven is cold: light it\n')
    expect(said.out).not.toContain('third starts')
  })

  test('a fault of ours is logged with its stack', async (context) => {
    const { expect } = context
    const { log, exitCode } = startTiny(context, { TINY_PART: 'broken' })
    expect(await exitCode()).toBe(1)
    expect(log()).toMatchObject([
      { level: 'error', msg: 'could not start', err: { message: 'out of tune', stack: expect.any(String) } },
    ])
  })

  test('a signal in the middle of the start ends it there', async (context) => {
    const { expect } = context
    const { child, said, log, exitCode } = startTiny(context, { TINY_PART: 'slow' })
    await waitFor(() => said.out.includes('second starts'), { what: 'the second part to start' })
    child.kill('SIGTERM')
    expect(await exitCode()).toBe(0)
    expect(said.out).not.toContain('third starts')
    expect(said.out).toContain('second stopped\nfirst stopped\n')
    expect(log().map(({ msg }) => msg)).toEqual(['stopping', 'stopped'])
  })

  test('a part that does not stop is left behind after the hard stop', async (context) => {
    const { expect } = context
    const { child, started, exitCode } = startTiny(context, {
      TINY_PART: 'clinging',
      STRAIT_HARD_STOP_SECS: '1',
    })
    await started()
    child.kill('SIGTERM')
    expect(await exitCode()).toBe(2)
  })
})
