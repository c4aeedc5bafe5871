// The port itself: what comes before any call, and what is left when it closes.

import { once } from 'node:events'
import { connect as http2Connect } from 'node:http2'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { collectLog } from '@strait/testkit/collect-log'
import { stressPart } from '@strait/testkit/stress-part'
import { createTcpProxy } from '@strait/testkit/tcp-proxy'
import { waitFor } from '@strait/testkit/wait-for'
import { expect, onTestFinished, test } from 'vitest'
import { noKeys } from '../src/key-verifier.ts'
import { createRpcServer } from '../src/rpc/rpc-server.ts'
import { createTelemetry } from '../src/telemetry.ts'
import { sendRaw } from './doors.ts'
import { apiKey, openServer } from './server-bundle.ts'

const getJob = '/strait.catalog.v1.JobService/GetJob'
const headers = { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` }
const http1Call = [
  `POST ${getJob} HTTP/1.1`,
  'Host: strait',
  'Content-Type: application/json',
  `Authorization: Bearer ${apiKey}`,
  'Content-Length: 11',
  '',
  '{"job":"x"}',
].join('\r\n')

async function open(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port })
  socket.on('error', () => undefined)
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  return socket
}

test('a connection that says nothing is closed', async () => {
  await using server = await openServer({}, { times: { greeting: 50 } })
  const socket = await open(server.port)
  expect(await text(socket)).toBe('')
})

test('a connection that stops in the middle of its headers is closed, with the reason', async () => {
  await using server = await openServer({}, { times: { headers: 50 } })
  const socket = await open(server.port)
  socket.write('POST / HTTP/1.1\r\nHost: st')
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 408 /)
})

test('a connection that ends before it said anything leaves nothing', async () => {
  await using server = await openServer()
  const socket = await open(server.port)
  socket.end()
  expect(await text(socket)).toBe('')
})

test('what is no HTTP is closed without noise', async () => {
  await using server = await openServer()
  const garbage = [
    Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01]),
    Buffer.alloc(5_000, 0xff),
    Buffer.from('HELO strait\r\n\r\n'),
    Buffer.from(`PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${'x'.repeat(1_000)}`),
    Buffer.from('PRINT THIS'),
  ]
  for (const bytes of garbage) {
    const socket = await open(server.port)
    socket.write(bytes)
    await once(socket.resume(), 'close')
  }
  expect(server.lines).toEqual([])
  expect(await sendRaw(1, server.port, { path: getJob, headers, body: Buffer.from('{}') })).toMatchObject({
    status: 200,
  })
})

test('headers of more than 16 KiB are refused', async () => {
  await using server = await openServer()
  const socket = await open(server.port)
  socket.write(`GET / HTTP/1.1\r\nHost: x\r\nX-Large: ${'x'.repeat(17_000)}\r\n\r\n`)
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 431 /)
  expect(server.calls).toEqual([])
  expect(server.lines).toEqual([])
})

test('over HTTP/2 too, and the other calls of the connection go on', async () => {
  await using server = await openServer()
  const session = http2Connect(server.url)
  onTestFinished(() => session.destroy())
  await once(session, 'remoteSettings')
  const ask = (more: Record<string, string>) =>
    session.request({ ':method': 'POST', ':path': getJob, ...headers, ...more }).end('{"job":"x"}')
  expect(await text(ask({}))).toContain('"x"')
  const [refused] = await once(ask({ 'x-large': 'x'.repeat(17_000) }), 'error')
  expect(refused.message).toContain('NGHTTP2_ENHANCE_YOUR_CALM')
  expect(await text(ask({}))).toContain('"x"')
  expect(server.lines).toEqual([])
})

test.each([1, 3, 14, 40])('the version is found also when %i bytes come at a time', async (size) => {
  await using server = await openServer()
  const socket = await open(server.port)
  socket.setNoDelay(true)
  for (let at = 0; at < http1Call.length; at += size)
    await new Promise((sent) => socket.write(http1Call.slice(at, at + size), sent))
  await waitFor(() => server.calls.length === 1, { what: 'the call to arrive' })
  const http2 = await open(server.port)
  http2.setNoDelay(true)
  const begin = Buffer.concat([
    Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
    Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
  ])
  for (let at = 0; at < begin.length; at += size)
    await new Promise((sent) => http2.write(begin.subarray(at, at + size), sent))
  // Its own settings are the first thing that an HTTP/2 server says.
  const [settings] = await once(http2, 'data')
  expect(settings.readUInt8(3)).toBe(4)
})

test('connections beyond the bound are closed, and those before it go on', async () => {
  await using server = await openServer({}, { maxConnections: 2 })
  const first = await open(server.port)
  await open(server.port)
  const third = await open(server.port)
  expect(await text(third)).toBe('')
  first.write(http1Call)
  expect((await once(first, 'data')).toString()).toMatch(/^HTTP\/1\.1 200 /)
})

test('an HTTP/2 connection without use is closed, one in use is not', async () => {
  await using server = await openServer(
    { getJob: (_, { signal }) => new Promise((done) => signal.addEventListener('abort', () => done({}))) },
    { times: { idle: 50 }, stopWithinMs: 50 },
  )
  const used = http2Connect(server.url)
  const idle = http2Connect(server.url)
  onTestFinished(() => used.destroy())
  const call = used.request({ ':method': 'POST', ':path': getJob, ...headers }).end('{}')
  call.on('error', () => undefined)
  await once(idle, 'close')
  await waitFor(() => server.calls.length === 1, { what: 'the call to arrive' })
  expect(used.closed).toBe(false)
})

test('an HTTP/2 connection whose peer has vanished is cut, and its calls end', async () => {
  await using server = await openServer(
    { getJob: () => new Promise(() => undefined) },
    { times: { idle: 50 }, stopWithinMs: 50 },
  )
  await using proxy = await createTcpProxy({ port: server.port })
  const session = http2Connect(`http://127.0.0.1:${proxy.port}`)
  session.on('error', () => undefined)
  onTestFinished(() => session.destroy())
  const call = session.request({ ':method': 'POST', ':path': getJob, ...headers }).end('{}')
  call.on('error', () => undefined)
  await waitFor(() => server.calls.length === 1, { what: 'the call to arrive' })
  proxy.blackHole()
  await waitFor(() => server.calls[0]!.signal.aborted, { what: 'the call to end' })
  expect(server.lines).toEqual([])
})

test('a server that stops closes idle connections of both versions at once', async () => {
  await using server = await openServer()
  const silent = await open(server.port)
  const idle = await open(server.port)
  idle.write(http1Call)
  await once(idle, 'data')
  const session = http2Connect(server.url)
  await once(session, 'remoteSettings')
  const begun = performance.now()
  const closed = [once(silent.resume(), 'close'), once(idle.resume(), 'close'), once(session, 'close')]
  await server.stop()
  await Promise.all(closed)
  expect(performance.now() - begun).toBeLessThan(1_000)
})

test('a server that stops says so in its last answer, and cuts what does not end', async () => {
  const answer = Promise.withResolvers<void>()
  await using server = await openServer(
    { getJob: ({ job }) => (job === 'x' ? answer.promise.then(() => ({})) : new Promise(() => undefined)) },
    { stopWithinMs: 100 },
  )
  const ends = await open(server.port)
  ends.write(http1Call)
  const hangs = await open(server.port)
  hangs.write(http1Call.replace('"x"', '"y"'))
  await waitFor(() => server.calls.length === 2, { what: 'both calls to arrive' })
  const stopping = server.stop()
  answer.resolve()
  expect(await text(ends)).toMatch(/^HTTP\/1\.1 200 OK\r\n[^{]*connection: close/i)
  expect(await text(hangs)).toBe('')
  await stopping
  await waitFor(() => server.calls.at(-1)!.signal.aborted, { what: 'the call that was cut to hear of it' })
})

test('nobody gets in after the stop, and a kept-alive client comes back after a new start', async () => {
  const telemetry = createTelemetry()
  const { log } = collectLog()
  const server = createRpcServer({
    host: '127.0.0.1',
    port: 0,
    services: [],
    serviceTokens: [],
    keys: noKeys,
    log,
    meter: telemetry.meter,
  })
  onTestFinished(async () => {
    await server.stop()
    await telemetry.stop()
  })
  await server.start()
  expect((await sendRaw(1, server.port(), { path: '/', body: 'open' })).status).toBe(404)
  const before = server.port()
  await server.stop()
  await expect(sendRaw(1, before, { path: '/', body: 'open' })).rejects.toThrow('ECONNREFUSED')
  await server.start()
  expect((await sendRaw(2, server.port(), { path: '/', body: 'open' })).status).toBe(404)
})

test('a server survives being started and stopped by many at once', async () => {
  const telemetry = createTelemetry()
  const { log, lines } = collectLog()
  const server = createRpcServer({
    host: '127.0.0.1',
    port: 0,
    services: [],
    serviceTokens: [],
    keys: noKeys,
    log,
    meter: telemetry.meter,
  })
  await stressPart(server)
  await telemetry.stop()
  expect(lines).toEqual([])
})

test('a port that is taken is one clear sentence', async () => {
  await using server = await openServer()
  await expect(openServer({}, { port: server.port })).rejects.toMatchObject({
    name: 'StartError',
    message: `port ${server.port} is taken: stop what listens there or choose another port`,
  })
  await expect(openServer({}, { host: '192.0.2.1' })).rejects.toMatchObject({
    name: 'StartError',
    message: '192.0.2.1 is no address of this machine: choose another one, or 0.0.0.0 for all of them',
  })
})
