// A connection that leaves HTTP: bytes and ends pass both ways, to nobody but the owner of a public path.

import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { waitFor } from '@strait/testkit/wait-for'
import { expect, onTestFinished, test } from 'vitest'
import { openRaw, sayRaw } from './callers.ts'
import { getJob, openGateway } from './gateway-bundle.ts'

const asking = (path: string, more = '') =>
  `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n${more}\r\n`

/** A service that leaves HTTP and then says everything back, and at the end that it is over. */
async function openEcho(agrees = true) {
  const sockets: Socket[] = []
  const asked: (string | undefined)[] = []
  const server: Server = createServer((request, response) => {
    asked.push(request.url)
    response.writeHead(426, { 'x-why': 'not today' }).end('no')
  })
  if (agrees)
    server.on('upgrade', (request, socket: Socket, head) => {
      asked.push(request.url)
      sockets.push(socket)
      socket.on('error', () => undefined)
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nhello ')
      socket.write(head)
      socket.on('data', (chunk) => socket.write(chunk))
      socket.on('end', () => socket.end(' over'))
    })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return { port: (server.address() as AddressInfo).port, sockets, asked }
}

test('bytes pass both ways, those that came with the request included, and so do the ends', async () => {
  const echo = await openEcho()
  await using gateway = await openGateway({ catalog: echo.port })
  const socket = await openRaw(gateway.port)
  socket.write(`${asking('/v1/jobs/a')}early `)
  let heard = ''
  socket.on('data', (chunk: Buffer) => {
    heard += chunk
  })
  await waitFor(() => heard.endsWith('hello early '), { what: 'the first bytes' })
  expect(heard).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n/)
  socket.write('late')
  await waitFor(() => heard.endsWith('late'), { what: 'what was said later' })
  socket.end()
  await once(socket, 'close')
  expect(heard).toMatch(/hello early late over$/)
  expect(await gateway.metrics()).toMatch(/upstream="catalog",result="1xx"/)
})

test.each(['the caller', 'the service'])('when %s breaks off, so does the other side', async (who) => {
  const echo = await openEcho()
  await using gateway = await openGateway({ catalog: echo.port })
  const socket = await openRaw(gateway.port)
  socket.write(asking(getJob))
  await once(socket, 'data')
  const behind = echo.sockets[0]!
  const [breaking, other] = who === 'the caller' ? [socket, behind] : [behind, socket]
  const closed = once(other.resume(), 'close')
  breaking.resetAndDestroy()
  await closed
  expect(other.destroyed).toBe(true)
})

test('a service that does not agree says so, and the connection ends', async () => {
  const echo = await openEcho(false)
  await using gateway = await openGateway({ catalog: echo.port })
  const heard = await sayRaw(gateway.port, asking(getJob))
  expect(heard).toMatch(/^HTTP\/1\.1 426 /)
  expect(heard).toMatch(/x-why: not today\r\n/)
  expect(heard).toMatch(/connection: close/i)
  expect(heard).toContain('no')
})

test('a path that is not public leads nowhere, and a service that is not there is told', async () => {
  const echo = await openEcho()
  await using gateway = await openGateway({ catalog: echo.port })
  const inside = '/strait.catalog.v1.CatalogInternalService/VerifyKeys'
  expect(await sayRaw(gateway.port, asking(inside))).toMatch(/^HTTP\/1\.1 404 /)
  expect(echo.asked).toEqual([])
  expect(await sayRaw(gateway.port, asking('/v1/runs/r1'))).toMatch(/^HTTP\/1\.1 503 .*UNAVAILABLE/s)
})

test.each([
  ['with a body', asking(getJob, 'Content-Length: 2\r\n').replace('GET', 'POST'), '{}'],
  ['for HTTP/2', asking(getJob).replace('echo', 'h2c'), ''],
])('a request to upgrade %s is an ordinary one, and the last of its connection', async (_, head, body) => {
  const echo = await openEcho(false)
  await using gateway = await openGateway({ catalog: echo.port })
  const heard = await sayRaw(gateway.port, `${head}${body}GET /v1/jobs/next HTTP/1.1\r\nHost: x\r\n\r\n`)
  expect(heard).toMatch(/^HTTP\/1\.1 426 /)
  expect(heard.match(/HTTP\/1\.1/g)).toHaveLength(1)
  expect(echo.asked).toEqual([getJob])
})

test('what has left HTTP does not hold the gateway open', async () => {
  const echo = await openEcho()
  const gateway = await openGateway({ catalog: echo.port }, { STRAIT_HARD_STOP_SECS: '20' })
  const socket = await openRaw(gateway.port)
  socket.write(asking(getJob))
  await once(socket, 'data')
  const heard = text(socket).catch(() => 'cut')
  await gateway.stop()
  await heard
  expect(await once(echo.sockets[0]!, 'close')).toEqual([expect.any(Boolean)])
})
