// Headers of every byte that a caller can send: passed on or refused, and the gateway lives.

import { once } from 'node:events'
import { connect as http2Connect } from 'node:http2'
import { expect, onTestFinished, test } from 'vitest'
import { ask, sayRaw, versions } from './callers.ts'
import { getJob, openBehind, openGateway } from './gateway-bundle.ts'

const bytes = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte))

test('no byte in a header, a path or a verb ends the gateway', async () => {
  await using catalog = await openBehind()
  await using gateway = await openGateway({ catalog: catalog.port })
  const close = 'Connection: close'
  for (const byte of bytes) {
    const shapes = [
      `GET /v1/jobs/a HTTP/1.1\r\nHost: x\r\n${close}\r\nX-A: a${byte}b\r\n\r\n`,
      `GET /v1/jobs/a HTTP/1.1\r\nHost: x\r\n${close}\r\nX${byte}A: b\r\n\r\n`,
      `GET /v1/jobs/a HTTP/1.1\r\nHost: a${byte}b\r\n${close}\r\n\r\n`,
      `GET /v1/jobs/a HTTP/1.1\r\nHost: x\r\nConnection: close, a${byte}\r\n\r\n`,
      `GET /v1/jobs/a HTTP/1.1\r\nHost: x\r\n${close}\r\nX-Forwarded-For: ${byte}\r\n\r\n`,
      `GET /v1/jobs/a?${byte} HTTP/1.1\r\nHost: x\r\n${close}\r\n\r\n`,
      `G${byte}T /v1/jobs/a HTTP/1.1\r\nHost: x\r\n${close}\r\n\r\n`,
      `GET /v1/jobs/a HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: a${byte}b\r\nX-B: ${byte}\r\n\r\n`,
    ]
    for (const heard of await Promise.all(shapes.map((shape) => sayRaw(gateway.port, shape))))
      expect(heard).toMatch(/^(?:HTTP\/1\.1 (?:200|400|404|405) |$)/)
  }
  for (const version of versions)
    expect(await ask(version, gateway.port, { path: getJob })).toMatchObject({ status: 200 })
  expect(gateway.lines).toEqual([])
})

test('over HTTP/2 too', async () => {
  await using catalog = await openBehind()
  await using gateway = await openGateway({ catalog: catalog.port })
  for (const byte of bytes) {
    const session = http2Connect(gateway.url)
    session.on('error', () => undefined)
    onTestFinished(() => session.destroy())
    const ended = [{ 'x-a': `a${byte}b` }, { cookie: byte }, { 'x-forwarded-for': byte }].map((more) => {
      const stream = session.request({ ':method': 'GET', ':path': '/v1/jobs/a', ...more })
      stream.on('error', () => undefined).resume()
      return once(stream, 'close')
    })
    await Promise.all(ended.map((end) => end.catch(() => undefined)))
    session.destroy()
  }
  expect(await ask(2, gateway.port, { path: getJob })).toMatchObject({ status: 200 })
  expect(gateway.lines).toEqual([])
})
