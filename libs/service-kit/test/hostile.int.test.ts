// Callers that mean harm, or are merely broken, against a server that is a process of its own: they are answered or closed, what
// they cost is bounded, and everybody else is served meanwhile.

import { once } from 'node:events'
import { connect as http2Connect } from 'node:http2'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { waitFor } from '@strait/testkit/wait-for'
import { expect, onTestFinished, test } from 'vitest'
import { startTiny } from './start-tiny.ts'

const getJob = '/strait.catalog.v1.JobService/GetJob'
const mebibyte = 1024 * 1024

/** The tiny service as a process, with what it says of its memory. */
async function startVictim() {
  const { child, said, log, started } = startTiny({ onTestFinished }, { STRAIT_LOG_LEVEL: 'info' })
  const { port } = await started()
  const memory = async (): Promise<number> => {
    const before = said.out.length
    child.kill('SIGUSR2')
    const found = await waitFor(() => /memory (\d+)\n/.exec(said.out.slice(before)), { what: 'its memory' })
    return Number(found[1])
  }
  const isServing = async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/grpc.health.v1.Health/Check`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    })
    return (await answer.text()).includes('"SERVING"')
  }
  return {
    port,
    memory,
    isServing,
    faults: () => log().filter(({ level }) => level === 'error'),
  }
}

async function open(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port })
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}

test('ten thousand connections that say nothing cost little, and others are served', {
  timeout: 90_000,
}, async () => {
  const victim = await startVictim()
  expect(await victim.isServing()).toBe(true)
  const before = await victim.memory()
  const idle: Socket[] = []
  onTestFinished(() => {
    for (const socket of idle) socket.destroy()
  })
  while (idle.length < 10_000)
    idle.push(...(await Promise.all(Array.from({ length: 500 }, () => open(victim.port)))))
  expect(await victim.isServing()).toBe(true)
  expect((await victim.memory()) - before).toBeLessThan(200 * mebibyte)
  // Each is closed by the server when it has said nothing for long enough.
  for (const socket of idle) socket.resume()
  await waitFor(() => idle.every((socket) => socket.closed), {
    what: 'the silent ones to be closed',
    timeoutMs: 40_000,
  })
  expect(await victim.isServing()).toBe(true)
  expect(victim.faults()).toEqual([])
})

test('streams that are opened and reset as fast as possible end their own connection, not the service', async () => {
  const victim = await startVictim()
  expect(await victim.isServing()).toBe(true)
  const before = await victim.memory()
  for (let round = 0; round < 5; round++) {
    const session = http2Connect(`http://127.0.0.1:${victim.port}`)
    session.on('error', () => undefined)
    await once(session, 'remoteSettings')
    for (let i = 0; i < 4_000 && !session.destroyed && !session.closed; i++) {
      const stream = session.request({
        ':method': 'POST',
        ':path': getJob,
        'content-type': 'application/json',
      })
      stream.on('error', () => undefined)
      stream.close(8)
      if (i % 100 === 0) await new Promise((done) => setImmediate(done))
    }
    expect(await victim.isServing()).toBe(true)
    session.destroy()
  }
  expect((await victim.memory()) - before).toBeLessThan(150 * mebibyte)
  expect(victim.faults()).toEqual([])
})

test('a caller that has finished sending, and says so, is answered all the same', async () => {
  const victim = await startVictim()
  const socket = await open(victim.port)
  socket.end('GET /v1/nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 404 /)
})

test('a caller that hangs up in the middle of its body leaves nothing behind', async () => {
  const victim = await startVictim()
  for (let i = 0; i < 200; i++) {
    const socket = await open(victim.port)
    socket.end(
      `POST ${getJob} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: Bearer strait_a_b\r\nContent-Length: 99\r\n\r\n{"job"`,
    )
    socket.resume()
    if (i % 2 === 0) socket.destroy()
    await once(socket, 'close')
  }
  expect(await victim.isServing()).toBe(true)
  expect(victim.faults()).toEqual([])
})

test.each([
  ['two lengths', 'Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef'],
  ['a length and chunks', 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['a length that is none', 'Content-Length: -1\r\n\r\n'],
  ['a header without a name', ': x\r\n\r\n'],
  ['a folded header', 'X-A: b\r\n c\r\n\r\n'],
  ['a header with NUL', 'X-A: b\0c\r\n\r\n'],
  ['bare line feeds', 'X-A: b\n\n'],
])('%s is refused as no HTTP', async (_, rest) => {
  const victim = await startVictim()
  const socket = await open(victim.port)
  socket.write(`POST ${getJob} HTTP/1.1\r\nHost: x\r\n${rest}`)
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 /)
  expect(victim.faults()).toEqual([])
})
