// The public port in TLS: the same in every way, and the services learn that it was.

import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { connect as http2Connect } from 'node:http2'
import { request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates, connect as tlsConnect } from 'node:tls'
import { first } from '@strait/testkit/certificates'
import { waitFor } from '@strait/testkit/wait-for'
import { expect, onTestFinished, test } from 'vitest'
import { ask, drained } from './callers.ts'
import { answerOk, getJob, openBehind, openGateway, watchRun } from './gateway-bundle.ts'

const ca = first.cert

/** Settings of a port that speaks TLS. */
function inTls(): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'strait-tls-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const [STRAIT_TLS_CERT_FILE, STRAIT_TLS_KEY_FILE] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  writeFileSync(STRAIT_TLS_CERT_FILE, first.cert)
  writeFileSync(STRAIT_TLS_KEY_FILE, first.key)
  return { STRAIT_TLS_CERT_FILE, STRAIT_TLS_KEY_FILE }
}

test.each([1, 2] as const)('a service may be reached in TLS, over HTTP/%i', async (version) => {
  const { STRAIT_TLS_CERT_FILE: certFile = '', STRAIT_TLS_KEY_FILE: keyFile = '' } = inTls()
  await using catalog = await openBehind(answerOk, { certFile, keyFile, plaintext: 'refused' })
  const url = { STRAIT_CATALOG_URL: `https://127.0.0.1:${catalog.port}` }
  await using gateway = await openGateway({}, url)
  // Whoever shows a certificate that nobody vouches for is not the service.
  expect(await ask(version, gateway.port, { path: getJob })).toMatchObject({ status: 503 })
  expect(await gateway.metrics()).toContain('why="unreachable"')
  const known = getCACertificates()
  setDefaultCACertificates([...known, ca])
  onTestFinished(() => setDefaultCACertificates(known))
  const answer = await ask(version, gateway.port, { path: getJob })
  expect(answer).toMatchObject({ status: 200, text: getJob })
  expect(catalog.seen[0]?.headers).toMatchObject({ 'x-forwarded-proto': 'http' })
  expect(catalog.seen[0]?.httpVersionMajor).toBe(version)
})

/** Begins a call in TLS over either version. */
async function callInTls(version: 1 | 2, port: number, path: string) {
  if (version === 1) {
    const call = request({ host: '127.0.0.1', port, path, method: 'POST', ca, agent: false }).end()
    const [answer] = await once(call, 'response')
    return { status: answer.statusCode, body: answer }
  }
  const session = http2Connect(`https://127.0.0.1:${port}`, { ca })
  onTestFinished(() => session.destroy())
  const stream = session.request({ ':method': 'POST', ':path': path }, { endStream: true })
  stream.on('error', () => undefined)
  const [fields] = await once(stream, 'response')
  return { status: fields[':status'], body: stream }
}

test.each([1, 2] as const)(
  'over HTTP/%i a call is passed on, and so is that it was in TLS',
  async (version) => {
    await using catalog = await openBehind()
    await using gateway = await openGateway({ catalog: catalog.port }, inTls())
    const { status, body } = await callInTls(version, gateway.port, getJob)
    expect([status, await drained(body)]).toEqual([200, { bytes: getJob.length, whole: true }])
    expect(catalog.seen[0]?.headers).toMatchObject({
      'x-forwarded-proto': 'https',
      'x-forwarded-for': '127.0.0.1',
    })
  },
)

test.each([1, 2] as const)('over HTTP/%i an answer that breaks off is broken off', async (version) => {
  await using dispatcher = await openBehind((_, response) => void response.writeHead(200).write('some'))
  await using gateway = await openGateway({ dispatcher: dispatcher.port }, inTls())
  const { body } = await callInTls(version, gateway.port, watchRun)
  await once(body, 'readable')
  const end = drained(body)
  await dispatcher.close(0)
  expect(await end).toEqual({ bytes: 4, whole: false })
})

test('a connection leaves HTTP in TLS too', async () => {
  const server = createServer().on('upgrade', (_, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n')
    socket.pipe(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  await using gateway = await openGateway({ catalog: port }, inTls())
  const socket = tlsConnect({ host: '127.0.0.1', port: gateway.port, ca, ALPNProtocols: ['http/1.1'] })
  await once(socket, 'secureConnect')
  let heard = ''
  socket.setEncoding('latin1').on('data', (text: string) => {
    heard += text
  })
  socket.write(`GET ${getJob} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nearly`)
  await waitFor(() => heard.endsWith('early'), { what: 'the echo' })
  expect(heard).toMatch(/^HTTP\/1\.1 101 /)
  socket.end()
  await once(socket, 'close')
})
