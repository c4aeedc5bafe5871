// How a call ends when one of the two sides does not see it through: the other side hears of it at once, and half an answer never
// looks like all of it.

import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { Code, ConnectError, createClient, type Transport } from '@connectrpc/connect'
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from '@connectrpc/connect-node'
import { JobService } from '@strait/contracts/catalog/v1/job_service_pb'
import { RunService } from '@strait/contracts/dispatcher/v1/run_service_pb'
import { ErrorInfoSchema } from '@strait/contracts/google/rpc/error_details_pb'
import type { Request, Response } from '@strait/service-kit/rpc/http-types'
import { createTcpProxy } from '@strait/testkit/tcp-proxy'
import { waitFor } from '@strait/testkit/wait-for'
import { describe, expect, test } from 'vitest'
import { ask, call, drained, openRaw, versions } from './callers.ts'
import { getJob, getRun, openBehind, openGateway, watchRun } from './gateway-bundle.ts'

/** Resolves once a service hears that its caller left. */
const gone = (response: Response) => once(response, 'close')

const transports: Readonly<Record<string, (baseUrl: string) => Transport>> = {
  'Connect with JSON': (baseUrl) =>
    createConnectTransport({ baseUrl, httpVersion: '1.1', useBinaryFormat: false }),
  'Connect with binary over HTTP/2': (baseUrl) => createConnectTransport({ baseUrl, httpVersion: '2' }),
  gRPC: (baseUrl) => createGrpcTransport({ baseUrl }),
  'gRPC-Web': (baseUrl) => createGrpcWebTransport({ baseUrl, httpVersion: '1.1' }),
}

describe.each(versions)('over HTTP/%i', (version) => {
  test.each(['before the answer', 'in the middle of it', 'while it sends'])(
    'a caller that leaves %s ends the call in the service',
    async (when) => {
      const reached = Promise.withResolvers<Response>()
      await using dispatcher = await openBehind((request, response) => {
        request.resume()
        if (when === 'in the middle of it') response.writeHead(200).write('some')
        reached.resolve(response)
      })
      await using gateway = await openGateway({ dispatcher: dispatcher.port })
      const body = when === 'while it sends' ? 'open' : 'x'
      const open = call(version, gateway.port, { path: watchRun, body })
      if (body === 'open') open.write('some')
      const left = gone(await reached.promise)
      if (when === 'in the middle of it') await open.answer
      open.abort()
      await left
      expect(await gateway.metrics()).toContain('result="caller left"')
    },
  )

  test('a service that breaks off in the middle of its answer breaks the answer off', async () => {
    let break_ = () => undefined as unknown
    await using dispatcher = await openBehind((request, response) => {
      const headers = request.url === watchRun ? undefined : { 'content-length': '9' }
      response.writeHead(200, headers).write('some')
      break_ = () => breakOff(request, response)
    })
    await using gateway = await openGateway({ dispatcher: dispatcher.port })
    for (const path of [watchRun, getRun]) {
      const { status, body } = await call(version, gateway.port, { path }).answer
      expect(status).toBe(200)
      await once(body as Readable, 'readable')
      break_()
      expect(await drained(body)).toEqual({ bytes: 4, whole: false })
    }
    expect(await gateway.metrics()).toMatch(/upstream="dispatcher",why="broken off"[^}]*\} 2/)
    expect(gateway.lines.map(({ sentence }) => sentence)).toEqual(['a service does not answer'])
  })

  test('a service that breaks off before its answer is told as not being there', async () => {
    await using catalog = await openBehind(breakOff)
    await using gateway = await openGateway({ catalog: catalog.port })
    const answer = await ask(version, gateway.port, { path: '/v1/jobs', body: '{}' })
    expect(answer).toMatchObject({ status: 503, headers: { 'content-type': 'application/problem+json' } })
    expect(JSON.parse(answer.text)).toMatchObject({ status: 503, reason: 'UNAVAILABLE' })
    expect(catalog.seen).toHaveLength(1)
    catalog.respond((_, response) => void response.end('well'))
    expect((await ask(version, gateway.port, { path: getJob })).text).toBe('well')
    expect(gateway.lines.map(({ sentence }) => sentence)).toEqual([
      'a service does not answer',
      'a service answers again',
    ])
  })

  test('a service that never answers is waited for in vain for so long', async () => {
    await using dispatcher = await openBehind((request) => void request.resume())
    await using gateway = await openGateway(
      { dispatcher: dispatcher.port },
      { GATEWAY_ANSWER_TIMEOUT_MS: '200' },
    )
    expect(await ask(version, gateway.port, { path: getRun })).toMatchObject({ status: 503 })
    expect(await gateway.metrics()).toMatch(/upstream="dispatcher",why="silent"[^}]*\} 1/)
  })

  test('an answer that comes before the request has is passed on, and the rest is not asked for', async () => {
    const letGo = Promise.withResolvers<void>()
    await using dispatcher = await openBehind((request, response) => {
      const held = version === 1 ? request.socket : request
      held.once('close', letGo.resolve)
      response.writeHead(401, { 'content-type': 'text/plain' }).end('who are you?')
    })
    await using gateway = await openGateway({ dispatcher: dispatcher.port })
    const open = call(version, gateway.port, { path: getRun, body: 'open' })
    open.write('x')
    const { status, body } = await open.answer
    expect([status, await text(body)]).toEqual([401, 'who are you?'])
    await letGo.promise
    open.end()
  })

  test('a service that does not take connections is given up in time, and found again by itself', async () => {
    await using dispatcher = await openBehind()
    await using wire = await createTcpProxy({ port: dispatcher.port })
    await using gateway = await openGateway({ dispatcher: wire.port }, { GATEWAY_CONNECT_TIMEOUT_MS: '300' })
    wire.refuse()
    expect(await ask(version, gateway.port, { path: getRun })).toMatchObject({ status: 503 })
    wire.heal()
    expect(await ask(version, gateway.port, { path: getRun })).toMatchObject({ status: 200 })
    await dispatcher.close()
    expect(await ask(version, gateway.port, { path: getRun })).toMatchObject({ status: 503 })
    await dispatcher.reopen()
    expect(await ask(version, gateway.port, { path: getRun })).toMatchObject({ status: 200 })
  })
})

/** What a killed process does. */
function breakOff(request: Request, response: Response): void {
  if (request.httpVersionMajor === 1) request.socket.resetAndDestroy()
  else (response as unknown as { stream: { session: { destroy(): void } } }).stream.session.destroy()
}

test.each(Object.keys(transports))(
  'a stream of %s that breaks between two messages is told why',
  async (name) => {
    await using service = await openBehind((request, response) => {
      const type = request.headers['content-type'] ?? ''
      response.writeHead(200, { 'content-type': type })
      const body = type.endsWith('json')
        ? Buffer.from('{"event":{"seq":1}}')
        : Buffer.from([0x0a, 2, 0x10, 1])
      const head = Buffer.from([0, 0, 0, 0, body.length])
      response.write(head)
      response.write(body, () => {
        // The first message is whole, of the second there is one byte, or none.
        if (request.headers['x-half'] !== undefined) response.write(head.subarray(0, 1))
        setImmediate(() => breakOff(request, response))
      })
    })
    await using gateway = await openGateway({ dispatcher: service.port })
    const runs = createClient(RunService, transports[name]!(gateway.url))
    for (const half of [{}, { 'x-half': 'yes' }]) {
      const seen: unknown[] = []
      const watch = async () => {
        for await (const { event } of runs.watchRun({ run: 'r' }, { headers: half })) seen.push(event)
      }
      const error = await watch().then(() => undefined, ConnectError.from)
      expect(seen).toHaveLength(1)
      const isTold = error?.findDetails(ErrorInfoSchema)[0]?.reason === 'UNAVAILABLE'
      expect([error !== undefined, isTold]).toEqual([true, !('x-half' in half)])
    }
  },
)

test('an answer whose end is the end of its connection is reset when it breaks off', async () => {
  let finish = () => undefined as unknown
  await using dispatcher = await openBehind((request, response) => {
    response.writeHead(200).write('some')
    finish = () => breakOff(request, response)
  })
  await using gateway = await openGateway({ dispatcher: dispatcher.port })
  const socket = await openRaw(gateway.port)
  socket.write(`GET ${watchRun} HTTP/1.0\r\n\r\n`)
  const heard = text(socket)
  await waitFor(() => socket.bytesRead > 0, { what: 'the answer to begin' })
  finish()
  await expect(heard).rejects.toThrow('ECONNRESET')
})

test.each(Object.keys(transports))('a service that is not there is told in the words of %s', async (name) => {
  await using gateway = await openGateway({})
  const transport = transports[name]!(gateway.url)
  const errors: ConnectError[] = []
  const note = (thrown: unknown) => errors.push(ConnectError.from(thrown))
  await createClient(JobService, transport).getJob({ job: 'a' }).catch(note)
  const watch = async () => {
    for await (const _ of createClient(RunService, transport).watchRun({ run: 'r' }));
  }
  await watch().catch(note)
  expect(errors.map(({ code }) => code)).toEqual([Code.Unavailable, Code.Unavailable])
  for (const error of errors) expect(error.findDetails(ErrorInfoSchema)[0]?.reason).toBe('UNAVAILABLE')
})
