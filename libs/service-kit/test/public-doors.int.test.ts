// What a port answers without a key: health, what it serves, documents, and the questions of browsers.

import { once } from 'node:events'
import { connect as http2Connect } from 'node:http2'
import { create, createFileRegistry, fromBinary, type MessageInitShape } from '@bufbuild/protobuf'
import { type FileDescriptorProto, FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt'
import { createClient } from '@connectrpc/connect'
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from '@connectrpc/connect-node'
import {
  Health,
  HealthCheckResponse_ServingStatus as Status,
} from '@strait/contracts/grpc/health/v1/health_pb'
import {
  ServerReflection,
  type ServerReflectionRequest,
  ServerReflectionRequestSchema,
  type ServerReflectionResponse,
} from '@strait/contracts/grpc/reflection/v1/reflection_pb'
import { waitFor } from '@strait/testkit/wait-for'
import { describe, expect, onTestFinished, test } from 'vitest'
import { envelope } from '../src/rpc/envelope.ts'
import { sendRaw } from './doors.ts'
import { refusalOf } from './refused.ts'
import { apiKey, openServer } from './server-bundle.ts'

const asGrpc = { 'content-type': 'application/grpc', te: 'trailers' }

type Question = NonNullable<MessageInitShape<typeof ServerReflectionRequestSchema>['messageRequest']>

describe('health', () => {
  test('says whether the process is well, under every protocol and without a key', async () => {
    let ready = false
    await using server = await openServer({}, { ready: () => ready })
    const { url: baseUrl } = server
    for (const transport of [
      createGrpcTransport({ baseUrl }),
      createGrpcWebTransport({ baseUrl, httpVersion: '1.1' }),
      createConnectTransport({ baseUrl, httpVersion: '1.1' }),
    ]) {
      const health = createClient(Health, transport)
      ready = false
      expect((await health.check({})).status).toBe(Status.NOT_SERVING)
      ready = true
      expect((await health.check({ service: '' })).status).toBe(Status.SERVING)
      expect((await health.check({ service: 'strait.catalog.v1.JobService' })).status).toBe(Status.SERVING)
      expect(await refusalOf(health.check({ service: 'strait.None' }))).toMatchObject({
        code: 'not_found',
        reason: 'SERVICE_NOT_FOUND',
      })
      expect(Object.keys((await health.list({})).statuses)).toContain('strait.dispatcher.v1.RunService')
    }
  })

  test('tells a watcher of each change, and of a service that is not there', async () => {
    let ready = true
    await using server = await openServer({}, { ready: () => ready })
    const health = createClient(Health, createGrpcTransport({ baseUrl: server.url }))
    const seen: Status[] = []
    for await (const { status } of health.watch({})) {
      seen.push(status)
      ready = !ready
      if (seen.length === 3) break
    }
    expect(seen).toEqual([Status.SERVING, Status.NOT_SERVING, Status.SERVING])
    for await (const { status } of health.watch({ service: 'strait.None' })) {
      expect(status).toBe(Status.SERVICE_UNKNOWN)
      break
    }
  })
})

describe('reflection', () => {
  /** Asks everything over one stream. */
  async function ask(url: string, ...questions: readonly Question[]) {
    const client = createClient(ServerReflection, createGrpcTransport({ baseUrl: url }))
    async function* asking(): AsyncIterable<ServerReflectionRequest> {
      for (const messageRequest of questions) yield create(ServerReflectionRequestSchema, { messageRequest })
    }
    const answers: ServerReflectionResponse['messageResponse'][] = []
    for await (const { messageResponse } of client.serverReflectionInfo(asking()))
      answers.push(messageResponse)
    return answers
  }

  test('names the public services, and none that is for other services', async () => {
    await using server = await openServer()
    const [answer] = await ask(server.url, { case: 'listServices', value: '' })
    const names = answer?.case === 'listServicesResponse' ? answer.value.service.map(({ name }) => name) : []
    expect(names).toEqual([
      'strait.catalog.v1.JobService',
      'strait.dispatcher.v1.RunService',
      'grpc.health.v1.Health',
      'grpc.reflection.v1.ServerReflection',
    ])
  })

  test('gives a tool everything that it needs to call a method', async () => {
    await using server = await openServer()
    for (const question of [
      { case: 'fileContainingSymbol', value: 'strait.catalog.v1.JobService' },
      { case: 'fileContainingSymbol', value: 'strait.catalog.v1.JobService.CreateJob' },
      { case: 'fileByFilename', value: 'strait/catalog/v1/job_service.proto' },
    ] as const) {
      const [answer] = await ask(server.url, question)
      if (answer?.case !== 'fileDescriptorResponse') throw new Error(`${answer?.case} is no file`)
      const file = answer.value.fileDescriptorProto.map((bytes) =>
        fromBinary(FileDescriptorProtoSchema, bytes),
      )
      // A file without one that it builds on makes no registry.
      const [asked, ...others] = file
      const registry = createFileRegistry(asked as FileDescriptorProto, (name) =>
        others.find((other) => other.name === name),
      )
      expect(registry.getService('strait.catalog.v1.JobService')?.methods.length).toBeGreaterThan(1)
      expect(registry.getMessage('strait.catalog.v1.Job')?.field.webhookSecret).toBeDefined()
    }
  })

  test('knows extensions, and says what it does not know', async () => {
    await using server = await openServer()
    const answers = await ask(
      server.url,
      { case: 'allExtensionNumbersOfType', value: 'google.protobuf.MethodOptions' },
      {
        case: 'fileContainingExtension',
        value: { containingType: 'google.protobuf.MethodOptions', extensionNumber: 50101 },
      },
      { case: 'fileContainingSymbol', value: 'strait.catalog.v1.Nothing' },
      { case: 'fileByFilename', value: '../../etc/passwd' },
      { case: 'allExtensionNumbersOfType', value: 'no.Such' },
      { case: 'fileContainingExtension', value: { containingType: 'no.Such', extensionNumber: 1 } },
      { case: undefined },
    )
    expect(answers.map((answer) => answer.case)).toEqual([
      'allExtensionNumbersResponse',
      'fileDescriptorResponse',
      ...Array.from({ length: 5 }, () => 'errorResponse'),
    ])
    expect(answers[0]?.value).toMatchObject({ extensionNumber: expect.arrayContaining([50101, 50102]) })
    expect(answers[2]?.value).toMatchObject({ errorCode: 5 })
    expect(answers[6]?.value).toMatchObject({ errorCode: 3 })
  })
})

describe('what needs no key', () => {
  const watch = '/grpc.health.v1.Health/Watch'
  const reflect = '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo'

  test.each([watch, reflect])('%s is not open any number of times for one address', async (path) => {
    await using server = await openServer()
    const session = http2Connect(server.url)
    onTestFinished(() => session.destroy())
    const open = () => {
      const stream = session.request({ ':method': 'POST', ':path': path, ...asGrpc })
      stream.on('error', () => undefined)
      stream.write(envelope(0, Buffer.alloc(0)))
      if (path === watch) stream.end()
      return stream
    }
    const held = Array.from({ length: 100 }, open)
    await Promise.all(held.map((stream) => once(stream, 'data')))
    const [trailers] = await once(open().resume(), 'trailers')
    expect(trailers['grpc-status']).toBe('8')
    const health = createClient(Health, createGrpcTransport({ baseUrl: server.url }))
    expect((await health.check({})).status).toBe(Status.SERVING)
    for (const stream of held) stream.close(8)
    await waitFor(
      async () => {
        const again = open()
        const [first] = await Promise.race([once(again, 'data'), once(again, 'trailers')])
        again.close(8)
        return first instanceof Uint8Array
      },
      { what: 'those that were closed to count no more' },
    )
    expect(server.lines).toEqual([])
  })

  test.each([
    ['no message', envelope(0, Buffer.from([0xff, 0xff, 0xff]))],
    ['a message that is packed in no known way', envelope(1, Buffer.from('zz'))],
    ['no envelope', Buffer.from([0, 0, 0])],
  ])('a question of reflection that is %s is the fault of whoever asks', async (_, body) => {
    await using server = await openServer()
    const { trailers } = await sendRaw(2, server.port, { path: reflect, headers: asGrpc, body })
    expect(trailers['grpc-status']).toBe('3')
  })

  test('reflection has no other method', async () => {
    await using server = await openServer()
    const path = '/grpc.reflection.v1.ServerReflection/Nothing'
    const { trailers } = await sendRaw(2, server.port, { path, headers: asGrpc, body: Buffer.alloc(0) })
    expect(trailers['grpc-status']).toBe('12')
  })
})

describe('a document', () => {
  const pages = new Map([
    ['/openapi.json', { type: 'application/json', body: Buffer.from('{"openapi":"3.1.0"}') }],
  ])

  test('is served as it is, and not again to whoever has it', async () => {
    await using server = await openServer({}, { pages })
    const answer = await fetch(`${server.url}/openapi.json`)
    expect(await answer.json()).toEqual({ openapi: '3.1.0' })
    const etag = answer.headers.get('etag') ?? ''
    const again = await fetch(`${server.url}/openapi.json?v=1`, { headers: { 'if-none-match': etag } })
    expect(again.status).toBe(304)
    const head = await fetch(`${server.url}/openapi.json`, { method: 'HEAD' })
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '19', ''])
    expect((await fetch(`${server.url}/openapi.json`, { method: 'POST' })).status).toBe(404)
  })
})

describe('CORS', () => {
  const page = 'https://app.example.com'
  const preflight = (url: string, origin: string, path = '/v1/jobs/mine') =>
    fetch(url + path, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'authorization',
      },
    })

  test('a page of a known origin is told what it may send and see', async () => {
    await using server = await openServer({}, { corsOrigins: [page] })
    const question = await preflight(server.url, page)
    expect(question.status).toBe(204)
    const { headers } = question
    expect(headers.get('access-control-allow-origin')).toBe(page)
    expect(headers.get('access-control-allow-methods')).toBe('GET, POST, PATCH, DELETE')
    for (const name of ['Authorization', 'Content-Type', 'X-Grpc-Web', 'If-Match', 'Idempotency-Key'])
      expect(headers.get('access-control-allow-headers')?.toLowerCase()).toContain(name.toLowerCase())
    const call = await fetch(`${server.url}/v1/jobs/mine`, {
      headers: { origin: page, authorization: `Bearer ${apiKey}` },
    })
    expect(call.status).toBe(200)
    expect(call.headers.get('access-control-allow-origin')).toBe(page)
    expect(call.headers.get('access-control-expose-headers')?.toLowerCase()).toContain('grpc-status')
    expect(call.headers.get('vary')).toBe('Origin')
    expect(call.headers.get('access-control-allow-credentials')).toBeNull()
  })

  test('refusals are shown to the page too, whatever they are', async () => {
    await using server = await openServer({}, { corsOrigins: [page] })
    for (const path of ['/v1/jobs/mine', '/v1/nothing', '/nothing']) {
      const refused = await fetch(server.url + path, { headers: { origin: page } })
      expect(refused.ok).toBe(false)
      expect(refused.headers.get('access-control-allow-origin')).toBe(page)
    }
  })

  test('a page of another origin is refused its question and shown nothing', async () => {
    await using server = await openServer({}, { corsOrigins: [page] })
    for (const origin of ['https://app.example.com.evil.test', 'http://app.example.com', 'null']) {
      const question = await preflight(server.url, origin)
      expect(question.status).toBe(403)
      expect(question.headers.get('access-control-allow-origin')).toBeNull()
    }
  })

  test('every origin where that is wanted, none by default', async () => {
    await using open = await openServer({}, { corsOrigins: ['*'] })
    expect((await preflight(open.url, 'null')).headers.get('access-control-allow-origin')).toBe('*')
    await using closed = await openServer()
    expect((await preflight(closed.url, page)).status).toBe(405)
    const call = await fetch(`${closed.url}/v1/jobs/mine`, { headers: { origin: page } })
    expect(call.headers.get('access-control-allow-origin')).toBeNull()
  })

  test('a question without being one of a browser is answered as any wrong verb', async () => {
    await using server = await openServer({}, { corsOrigins: [page] })
    const answer = await fetch(`${server.url}/v1/jobs/mine`, { method: 'OPTIONS' })
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'DELETE, GET, PATCH'])
  })
})
