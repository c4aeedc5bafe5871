// The one port in TLS: the same protocols, agreed on in the handshake.

import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect as http2Connect } from 'node:http2'
import { request as httpsRequest } from 'node:https'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer, text } from 'node:stream/consumers'
import { connect as tlsConnect } from 'node:tls'
import { createClient } from '@connectrpc/connect'
import { createConnectTransport, createGrpcTransport } from '@connectrpc/connect-node'
import { JobService } from '@strait/contracts/catalog/v1/job_service_pb'
import { first, renewed } from '@strait/testkit/certificates'
import { waitFor } from '@strait/testkit/wait-for'
import { expect, onTestFinished, test } from 'vitest'
import type { TlsOptions } from '../src/rpc/tls-door.ts'
import { sendRaw } from './doors.ts'
import { apiKey, openServer } from './server-bundle.ts'

const authorization = `Bearer ${apiKey}`

/** Certificate and key as files. */
function files(): TlsOptions & { write(pair: { cert: string; key: string }): void } {
  const folder = mkdtempSync(join(tmpdir(), 'strait-tls-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const [certFile, keyFile] = [join(folder, 'tls.crt'), join(folder, 'tls.key')]
  const write = ({ cert, key }: { cert: string; key: string }) => {
    writeFileSync(certFile, cert)
    writeFileSync(keyFile, key)
  }
  write(first)
  return { certFile, keyFile, plaintext: 'refused', write }
}

/** The name on the certificate that a new connection is shown. */
async function shownName(port: number): Promise<string | undefined> {
  const socket = tlsConnect({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['h2'] })
  await once(socket, 'secureConnect')
  const name = socket.getPeerCertificate().subject.CN
  socket.destroy()
  return Array.isArray(name) ? name[0] : name
}

test('every protocol is served in TLS, by what the handshake agreed on', async () => {
  await using server = await openServer({}, { tls: files() })
  const baseUrl = `https://127.0.0.1:${server.port}`
  const nodeOptions = { ca: first.cert }
  const headers = { authorization }
  for (const transport of [
    createConnectTransport({ baseUrl, httpVersion: '1.1', nodeOptions }),
    createConnectTransport({ baseUrl, httpVersion: '2', nodeOptions }),
    createGrpcTransport({ baseUrl, nodeOptions }),
  ]) {
    const { job } = await createClient(JobService, transport).getJob({ job: 'mine' }, { headers })
    expect(job?.slug).toBe('mine')
  }
})

test('REST over HTTP/1.1 without an agreement, and over HTTP/2, in TLS', async () => {
  await using server = await openServer({}, { tls: files() })
  const call = httpsRequest({
    host: '127.0.0.1',
    port: server.port,
    path: '/v1/jobs/mine',
    ca: first.cert,
    headers: { authorization },
    agent: false,
  }).end()
  const [response] = await once(call, 'response')
  expect(JSON.parse(await text(response))).toMatchObject({ slug: 'mine' })
  const session = http2Connect(`https://127.0.0.1:${server.port}`, { ca: first.cert })
  onTestFinished(() => session.destroy())
  const stream = session.request({ ':path': '/v1/jobs/mine', authorization })
  expect(JSON.parse(await text(stream))).toMatchObject({ slug: 'mine' })
})

test('without TLS a caller is told what the port speaks', async () => {
  await using server = await openServer({}, { tls: files() })
  const answer = await fetch(`http://127.0.0.1:${server.port}/v1/jobs/mine`, { headers: { authorization } })
  expect({ status: answer.status, said: await answer.text() }).toEqual({
    status: 400,
    said: 'This port speaks TLS: use https.\n',
  })
  const socket = connect(server.port, '127.0.0.1')
  socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
  expect(await buffer(socket)).toEqual(Buffer.alloc(0))
  expect(server.calls).toEqual([])
})

test('a caller without TLS leaves no connection behind, whether it hangs up or not', async () => {
  await using server = await openServer({}, { tls: files(), maxConnections: 1 })
  const isTold = async (hangsUp: boolean) => {
    const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: !hangsUp })
    socket.on('error', () => undefined)
    onTestFinished(() => void socket.destroy())
    socket.write('POST /v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{')
    return (await text(socket)).includes('use https')
  }
  // There is one place: each of them needs that the one before has left it.
  for (const hangsUp of [true, false, true])
    expect(await waitFor(() => isTold(hangsUp), { what: 'the place to be free' })).toBe(true)
})

test('a caller that hangs up as soon as the handshake is done leaves its place at once', async () => {
  await using server = await openServer({}, { tls: files(), maxConnections: 1 })
  for (let i = 0; i < 3; i++)
    expect(
      await waitFor(() => shownName(server.port), { what: 'the place to be free', timeoutMs: 2_000 }),
    ).toBe('first.strait.test')
})

test('a caller in TLS that has finished sending, and says so, is answered all the same', async () => {
  await using server = await openServer({}, { tls: files() })
  const socket = tlsConnect({ port: server.port, host: '127.0.0.1', ca: first.cert })
  socket.end('GET /v1/nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 404 /)
})

test('both are served where that is allowed', async () => {
  await using server = await openServer({}, { tls: { ...files(), plaintext: 'allowed' } })
  const path = '/v1/jobs/mine'
  for (const version of [1, 2] as const) {
    const answer = await sendRaw(version, server.port, {
      verb: 'GET',
      path,
      headers: { authorization },
      body: new Uint8Array(),
    })
    expect(answer.status).toBe(200)
  }
  expect(await shownName(server.port)).toBe('first.strait.test')
})

test('a certificate that is renewed is used without a restart, one that is broken is not', async () => {
  const problems: (Error | undefined)[] = []
  const own = files()
  const tls = { ...own, renewEveryMs: 20, onRenewed: (problem?: Error) => void problems.push(problem) }
  await using server = await openServer({}, { tls })
  expect(await shownName(server.port)).toBe('first.strait.test')
  own.write({ cert: 'no certificate', key: renewed.key })
  await waitFor(() => problems[0] !== undefined, { what: 'the broken one to be noticed' })
  expect(await shownName(server.port)).toBe('first.strait.test')
  own.write(renewed)
  await waitFor(async () => (await shownName(server.port)) === 'renewed.strait.test', { what: 'the new one' })
  expect(problems.at(-1)).toBeUndefined()
})

test('a handshake that fails, or never ends, costs one connection', async () => {
  await using server = await openServer({}, { tls: files(), times: { greeting: 100 } })
  const broken = connect(server.port, '127.0.0.1').on('error', () => undefined)
  broken.write(Buffer.from([0x16, 0x03, 0x01, 0x00, 0x05, 1, 2, 3, 4, 5]))
  await new Promise((done) => broken.resume().once('close', done))
  const silent = connect(server.port, '127.0.0.1').on('error', () => undefined)
  silent.write(Buffer.from([0x16]))
  await new Promise((done) => silent.resume().once('close', done))
  expect(await shownName(server.port)).toBe('first.strait.test')
  expect(server.lines).toEqual([])
})

test.each([
  ['a file that is not there', { certFile: '/nowhere/tls.crt' }, /^STRAIT_TLS_CERT_FILE cannot be read: /],
  ['a key of another certificate', {}, /are no pair: /],
])('with %s the port does not open, in one sentence', async (_, wrong, sentence) => {
  const own = files()
  own.write({ cert: first.cert, key: renewed.key })
  await expect(openServer({}, { tls: { ...own, ...wrong } })).rejects.toMatchObject({
    name: 'StartError',
    message: expect.stringMatching(sentence),
  })
})

test('a port in TLS stops in time with connections open, and opens again', async () => {
  const server = await openServer({}, { tls: files(), stopWithinMs: 100 })
  const session = http2Connect(`https://127.0.0.1:${server.port}`, { ca: first.cert })
  session.on('error', () => undefined)
  await once(session, 'remoteSettings')
  const idle = tlsConnect({ port: server.port, host: '127.0.0.1', ca: first.cert })
  idle.on('error', () => undefined)
  await once(idle, 'secureConnect')
  await server.stop()
  await Promise.all([session, idle].map((one) => one.destroyed || once(one, 'close')))
  await expect(shownName(server.port)).rejects.toThrow('ECONNREFUSED')
})
