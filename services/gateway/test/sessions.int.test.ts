// HTTP/2 to a service: sessions that fill up, go, or die, and what is asked for again.

import { once } from 'node:events'
import { connect, createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { createTcpProxy } from '@strait/testkit/tcp-proxy'
import { waitFor } from '@strait/testkit/wait-for'
import { expect, onTestFinished, test } from 'vitest'
import { ask } from './callers.ts'
import { getJob, openBehind, openGateway } from './gateway-bundle.ts'

/** A service of which the test holds every stream. */
async function openStreams(
  onStream: (stream: ServerHttp2Stream, count: number) => void | Promise<void>,
  room = 1_000,
) {
  let count = 0
  const sessions = new Set<{ destroy(): void }>()
  const server: Http2Server = createServer({ settings: { maxConcurrentStreams: room } })
  server.on('session', (session) => sessions.add(session))
  server.on('stream', (stream) => {
    stream.on('error', () => undefined)
    count++
    void onStream(stream, count)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    for (const session of sessions) session.destroy()
  })
  return { port: (server.address() as AddressInfo).port, sessions, count: () => count }
}

const refused = 7

test('a stream that was refused unread is asked for once more, with the same bytes', async () => {
  const bodies: string[] = []
  const behind = await openStreams(async (stream, count) => {
    if (count === 1) return stream.close(refused)
    bodies.push((await buffer(stream)).toString())
    stream.respond({ ':status': 200 })
    stream.end('done')
  })
  await using gateway = await openGateway({ catalog: behind.port })
  const body = 'x'.repeat(50_000)
  expect(await ask(2, gateway.port, { path: getJob, body })).toMatchObject({ status: 200, text: 'done' })
  expect(bodies).toEqual([body])
})

test('it is not asked for a third time, nor when its beginning is gone, nor when it was read', async () => {
  const behind = await openStreams((stream, count) => stream.close(count <= 3 ? refused : 2))
  await using gateway = await openGateway({ catalog: behind.port })
  expect(await ask(2, gateway.port, { path: getJob })).toMatchObject({ status: 503 })
  expect(behind.count()).toBe(2)
  const large = 'x'.repeat(100_000)
  const keeping = await openStreams(async (stream) => {
    stream.once('data', () => stream.pause())
    await waitFor(() => stream.readableLength > 30_000, { what: 'the body to come' })
    stream.close(refused)
  })
  await using other = await openGateway({ catalog: keeping.port })
  expect(await ask(2, other.port, { path: getJob, body: large })).toMatchObject({ status: 503 })
  expect(keeping.count()).toBe(1)
  expect(await ask(2, gateway.port, { path: getJob })).toMatchObject({ status: 503 })
  expect(await ask(2, gateway.port, { path: getJob })).toMatchObject({ status: 503 })
  expect(behind.count()).toBe(5)
})

test('when all streams are used up, more sessions are opened', async () => {
  const held: ServerHttp2Stream[] = []
  const behind = await openStreams((stream) => void held.push(stream), 2)
  await using gateway = await openGateway({ catalog: behind.port })
  const session = connect(gateway.url)
  onTestFinished(() => session.destroy())
  const answers = Array.from({ length: 20 }, () =>
    once(session.request({ ':method': 'POST', ':path': getJob }), 'response'),
  )
  await waitFor(() => held.length === 20, { what: 'all calls to arrive at once' })
  for (const stream of held) stream.respond({ ':status': 204 }, { endStream: true })
  expect((await Promise.all(answers)).map(([fields]) => fields[':status'])).toEqual(Array(20).fill(204))
  expect(behind.sessions.size).toBeGreaterThanOrEqual(10)
})

test('a session whose peer went silent is given up, and its calls are told', async () => {
  await using catalog = await openBehind()
  await using wire = await createTcpProxy({ port: catalog.port })
  await using gateway = await openGateway({ catalog: wire.port }, { GATEWAY_PING_MS: '100' })
  expect(await ask(2, gateway.port, { path: getJob })).toMatchObject({ status: 200 })
  wire.blackHole()
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => ask(2, gateway.port, { path: '/v1/jobs/a', verb: 'GET' })),
  )
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]))
  wire.cut()
  wire.heal()
  expect(await ask(2, gateway.port, { path: getJob })).toMatchObject({ status: 200 })
})

test('a service that goes and comes back is called on new sessions, without a failure after that', async () => {
  await using catalog = await openBehind()
  await using gateway = await openGateway({ catalog: catalog.port })
  for (let i = 0; i < 5; i++) {
    for (let call = 0; call < 8; call++)
      expect(await ask(2, gateway.port, { path: getJob })).toMatchObject({ status: 200 })
    await catalog.close(1_000)
    await catalog.reopen()
  }
  expect(catalog.seen).toHaveLength(40)
})
