import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { stressPart } from './stress-part.ts'

test('a part that keeps its word passes', async () => {
  let server: Server | undefined
  let started = 0
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = (step: () => Promise<void>) => {
    const turn = last.then(step)
    last = turn
    return turn
  }
  const part = {
    start: () =>
      inTurn(async () => {
        if (server !== undefined) return
        started++
        server = createServer().listen(0, '127.0.0.1')
        await once(server, 'listening')
      }),
    stop: () =>
      inTurn(async () => {
        const stopped = server && once(server.close(), 'close')
        server = undefined
        await stopped
      }),
  }
  await stressPart(part)
  expect(started).toBeGreaterThan(10)
})

test('a part that forgets what it started is found out', async () => {
  const servers: Server[] = []
  onTestFinished(() => {
    for (const server of servers) server.close()
  })
  const part = {
    async start() {
      const server = createServer().listen(0, '127.0.0.1')
      servers.push(server)
      await once(server, 'listening')
    },
    async stop() {
      // It says that it stopped, and leaves its servers open.
    },
  }
  await expect(stressPart(part, { timeoutMs: 50 })).rejects.toThrow('left behind: TCPServerWrap')
})

test('a part that cannot be stopped before it was started is found out', async () => {
  const part = {
    async start() {
      // Nothing to do.
    },
    async stop() {
      throw new Error('not running')
    },
  }
  await expect(stressPart(part)).rejects.toThrow('not running')
})
