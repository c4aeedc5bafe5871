// What is passed on: every byte of a request and of its answer, over either version of HTTP.

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { Request } from '@strait/service-kit/rpc/http-types'
import { waitFor } from '@strait/testkit/wait-for'
import { describe, expect, test } from 'vitest'
import { ask, call, drained, versions } from './callers.ts'
import { getJob, getRun, openBehind, openGateway, watchRun } from './gateway-bundle.ts'

describe.each(versions)('over HTTP/%i', (version) => {
  test('each path goes to the service that owns it, with its query', async () => {
    await using catalog = await openBehind()
    await using dispatcher = await openBehind()
    await using gateway = await openGateway({ catalog: catalog.port, dispatcher: dispatcher.port })
    for (const path of [getJob, `${getJob}?a=%2e%2e/`, '/v1/jobs/daily?x=1;y=2', '/v1/api-keys/k1'])
      expect((await ask(version, gateway.port, { path })).text).toBe(path)
    for (const path of [getRun, '/v1/jobs/daily/trigger', '/v1/runs/r1'])
      expect((await ask(version, gateway.port, { path })).text).toBe(path)
    expect([catalog.seen.length, dispatcher.seen.length]).toEqual([4, 3])
    expect(new Set([...catalog.seen, ...dispatcher.seen].map((request) => request.httpVersionMajor))).toEqual(
      new Set([version]),
    )
  })

  test('a wrong verb and OPTIONS are the affair of whoever owns the path', async () => {
    await using catalog = await openBehind(
      (_, response) => void response.writeHead(405, { allow: 'GET' }).end(),
    )
    await using gateway = await openGateway({ catalog: catalog.port })
    for (const verb of ['DELETE', 'OPTIONS', 'PUT']) {
      const answer = await ask(version, gateway.port, { verb, path: '/v1/jobs/daily' })
      expect(answer).toMatchObject({ status: 405, headers: { allow: 'GET' } })
    }
    expect(catalog.seen.map(({ method }) => method)).toEqual(['DELETE', 'OPTIONS', 'PUT'])
  })

  test('headers are passed on, those about the connection are not, and the service learns who asks', async () => {
    await using catalog = await openBehind((_, response) => {
      response
        .writeHead(201, { 'x-answer': 'yes', 'set-cookie': ['a=1', 'b=2'], location: '/v1/jobs/1' })
        .end()
    })
    await using gateway = await openGateway({ catalog: catalog.port })
    const headers = { authorization: 'Bearer x', 'x-forwarded-for': '192.0.2.1', te: 'trailers', accept: 'a' }
    const answer = await ask(version, gateway.port, { path: getJob, headers, body: 'x' })
    expect(answer).toMatchObject({
      status: 201,
      headers: { 'x-answer': 'yes', 'set-cookie': ['a=1', 'b=2'], location: '/v1/jobs/1' },
    })
    const seen = catalog.seen[0]!.headers
    expect(seen).toMatchObject({
      authorization: 'Bearer x',
      accept: 'a',
      te: 'trailers',
      'x-forwarded-for': '192.0.2.1, 127.0.0.1',
      'x-forwarded-proto': 'http',
    })
    expect(seen.host ?? seen[':authority']).toBe(`127.0.0.1:${gateway.port}`)
  })

  test('bodies and trailers arrive as they were sent', async () => {
    const bytes = randomBytes(3_000_000)
    await using catalog = await openBehind(async (request, response) => {
      const body = await buffer(request)
      response.writeHead(200, { 'content-type': 'application/octet-stream', trailer: 'x-end' })
      response.write(body)
      response.addTrailers({ 'x-end': String(body.length) })
      response.end()
    })
    await using gateway = await openGateway({ catalog: catalog.port })
    const answer = await ask(version, gateway.port, { path: getJob, body: bytes })
    expect(answer.body.equals(bytes)).toBe(true)
    expect(answer.trailers).toMatchObject({ 'x-end': '3000000' })
  })

  test('answers without a body are passed on', async () => {
    await using catalog = await openBehind((request, response) => {
      if (request.method === 'HEAD') response.writeHead(200, { 'content-length': '5' }).end()
      else response.writeHead(request.url?.endsWith('a') ? 204 : 304, { etag: '"x"' }).end()
    })
    await using gateway = await openGateway({ catalog: catalog.port })
    const head = await ask(version, gateway.port, { verb: 'HEAD', path: '/v1/jobs/a' })
    expect(head).toMatchObject({ status: 200, headers: { 'content-length': '5' }, text: '' })
    expect(await ask(version, gateway.port, { verb: 'GET', path: '/v1/jobs/a' })).toMatchObject({
      status: 204,
    })
    expect(await ask(version, gateway.port, { verb: 'GET', path: '/v1/jobs/b' })).toMatchObject({
      status: 304,
    })
  })

  test('each piece of a stream is passed on when it comes, in both directions', async () => {
    await using dispatcher = await openBehind((request, response) => {
      response.writeHead(200)
      request.on('data', (chunk: Buffer) => response.write(`${chunk}!`))
      request.on('end', () => response.end('over'))
    })
    await using gateway = await openGateway({ dispatcher: dispatcher.port })
    const open = call(version, gateway.port, { path: watchRun, body: 'open' })
    let got = ''
    open.write('one')
    const { body } = await open.answer
    body.on('data', (chunk: Buffer) => {
      got += chunk
    })
    await waitFor(() => got === 'one!', { what: 'the first piece' })
    open.write('two')
    await waitFor(() => got === 'one!two!', { what: 'the second piece' })
    open.end()
    await once(body, 'end')
    expect(got).toBe('one!two!over')
  })

  test('what nobody reads is not collected here', async () => {
    const filled = fill()
    await using dispatcher = await openBehind((_, response) => filled.into(response.writeHead(200)))
    await using gateway = await openGateway({ dispatcher: dispatcher.port })
    const { body } = await call(version, gateway.port, { path: watchRun }).answer
    await heldUp(filled)
    const memory = process.memoryUsage().rss
    expect(await drained(body)).toEqual({ bytes: total, whole: true })
    expect(process.memoryUsage().rss - memory).toBeLessThan(total / 2)
  })

  test('what a service does not read is not taken from its caller', async () => {
    const filled = fill()
    const arrived = Promise.withResolvers<Request>()
    await using dispatcher = await openBehind((request) => arrived.resolve(request))
    await using gateway = await openGateway({ dispatcher: dispatcher.port })
    const open = call(version, gateway.port, { path: watchRun, body: 'open' })
    filled.into(open.outgoing)
    const request = await arrived.promise
    await heldUp(filled)
    expect(await drained(request)).toEqual({ bytes: total, whole: true })
    open.abort()
  })
})

const total = 256 * 1024 * 1024

/** Writes as much as is taken, until all is written. */
function fill() {
  const chunk = Buffer.alloc(256 * 1024)
  let written = 0
  const into = (to: Writable): void => {
    while (written < total) {
      written += chunk.length
      if (!to.write(chunk)) return void to.once('drain', () => into(to))
    }
    to.end()
  }
  return { into, written: () => written }
}

/** Waits until no more is taken, long before all is. */
async function heldUp(filled: ReturnType<typeof fill>): Promise<void> {
  let before = -1
  const isHeldUp = () => {
    const same = filled.written() === before
    before = filled.written()
    return same
  }
  await waitFor(isHeldUp, { what: 'the writer to be held up' })
  expect(before).toBeLessThan(total / 8)
}
