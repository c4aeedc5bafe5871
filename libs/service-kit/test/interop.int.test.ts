// Five kinds of clients that people really have, against one server on one port: the same answers, the same refusals, the
// same streams, the same ends.

import { createClient, type Interceptor, type Transport } from '@connectrpc/connect'
import {
  compressionGzip,
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from '@connectrpc/connect-node'
import { JobService } from '@strait/contracts/catalog/v1/job_service_pb'
import { createServiceClient } from '@strait/contracts/clients'
import { RunService } from '@strait/contracts/dispatcher/v1/run_service_pb'
import { GrpcJsClient } from '@strait/testkit/grpc-js-client'
import { waitFor } from '@strait/testkit/wait-for'
import { describe, expect, test } from 'vitest'
import { refusalOf } from './refused.ts'
import { apiKey, openServer, type ServerBundle } from './server-bundle.ts'

/** What every client can do, in the words of these tests. */
interface AnyClient extends Disposable {
  getJob(job: string, timeoutMs?: number): Promise<{ slug?: string; projectId: string }>
  createJob(job: { name: string }): Promise<{ name?: string }>
  getRun(run: string): Promise<unknown>
  watch(afterSeq: number, signal?: AbortSignal): AsyncIterable<number>
}

type Open = (server: ServerBundle) => AnyClient

const bearer: Interceptor = (next) => (request) => {
  request.header.set('authorization', `Bearer ${apiKey}`)
  return next(request)
}
const compressed = { sendCompression: compressionGzip, compressMinBytes: 0 }

function over(make: (common: { baseUrl: string; interceptors: Interceptor[] }) => Transport): Open {
  return ({ url: baseUrl }) => {
    const transport = make({ baseUrl, interceptors: [bearer] })
    const jobs = createClient(JobService, transport)
    const runs = createClient(RunService, transport)
    return {
      getJob: async (job, timeoutMs) => (await jobs.getJob({ job }, { timeoutMs })).job!,
      createJob: async (job) => (await jobs.createJob({ job })).job!,
      getRun: (run) => runs.getRun({ run }),
      async *watch(afterSeq, signal) {
        for await (const { event } of runs.watchRun({ run: 'r', afterSeq }, { signal })) yield event!.seq
      },
      [Symbol.dispose]() {
        // Its connections end with the server.
      },
    }
  }
}

function overGrpcJs({ port }: ServerBundle): AnyClient {
  const client = new GrpcJsClient(port, apiKey)
  const { method: jobs } = JobService
  const { method: runs } = RunService
  return {
    getJob: async (job, timeoutMs) =>
      (
        await client.unary(
          jobs.getJob,
          { job },
          timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs },
        )
      ).job!,
    createJob: async (job) => (await client.unary(jobs.createJob, { job })).job!,
    getRun: (run) => client.unary(runs.getRun, { run }),
    async *watch(afterSeq, signal) {
      const call = client.stream(runs.watchRun, { run: 'r', afterSeq })
      signal?.addEventListener('abort', call.cancel)
      for await (const { event } of call) yield event!.seq
    },
    [Symbol.dispose]: () => client[Symbol.dispose](),
  }
}

const connect = createConnectTransport
const clients: readonly (readonly [string, Open])[] = [
  ['Connect JSON, HTTP/1.1', over((to) => connect({ ...to, httpVersion: '1.1', useBinaryFormat: false }))],
  ['Connect binary, HTTP/1.1', over((to) => connect({ ...to, httpVersion: '1.1', useBinaryFormat: true }))],
  ['Connect JSON, HTTP/2', over((to) => connect({ ...to, httpVersion: '2', useBinaryFormat: false }))],
  ['Connect compressed, HTTP/2', over((to) => connect({ ...to, httpVersion: '2', ...compressed }))],
  ['gRPC by connect-node, HTTP/2', over((to) => createGrpcTransport(to))],
  ['gRPC compressed, HTTP/2', over((to) => createGrpcTransport({ ...to, ...compressed }))],
  ['gRPC by grpc-js, HTTP/2', overGrpcJs],
  ['gRPC-Web, HTTP/1.1', over((to) => createGrpcWebTransport({ ...to, httpVersion: '1.1' }))],
  [
    'gRPC-Web JSON, HTTP/2',
    over((to) => createGrpcWebTransport({ ...to, httpVersion: '2', useBinaryFormat: false })),
  ],
]

test('all clients are served by one port at the same time', async () => {
  await using server = await openServer()
  const answers = await Promise.all(
    clients.map(async ([name, open]) => {
      using client = open(server)
      return (await client.getJob(name)).slug
    }),
  )
  expect(answers).toEqual(clients.map(([name]) => name))
})

describe.each(clients)('%s', (_, open) => {
  test('a question is answered, and the method knows who asks', async () => {
    await using server = await openServer()
    using client = open(server)
    expect(await client.getJob('mine')).toMatchObject({ slug: 'mine', projectId: 'p1' })
    expect(server.calls[0]!.caller).toMatchObject({ actor: 'apikey:alice', projectId: 'p1' })
    const name = 'n'.repeat(90_000)
    expect((await client.createJob({ name })).name).toBe(name)
  })

  test('a refusal comes with its code, its reason and its sentence', async () => {
    await using server = await openServer()
    using client = open(server)
    expect(await refusalOf(client.getRun('r1'))).toEqual({
      code: 'not_found',
      reason: 'RUN_NOT_FOUND',
      fields: [],
      message: 'there is no such run',
    })
  })

  test('a stream comes message by message and ends', async () => {
    await using server = await openServer()
    using client = open(server)
    const seen: number[] = []
    for await (const seq of client.watch(1)) seen.push(seq)
    expect(seen).toEqual([2, 3])
  })

  test('each message of a stream arrives when it is sent, not at the end', async () => {
    const next = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    await using server = await openServer({
      async *watchRun() {
        yield { event: { seq: 1 } }
        await next[0]!.promise
        yield { event: { seq: 2 } }
        await next[1]!.promise
      },
    })
    using client = open(server)
    const seen: number[] = []
    for await (const seq of client.watch(0)) {
      seen.push(seq)
      next[seq - 1]!.resolve()
    }
    expect(seen).toEqual([1, 2])
  })

  test('a stream that its caller cancels is stopped at its source', async () => {
    let cleaned = false
    await using server = await openServer({
      async *watchRun(_request, { signal }) {
        try {
          yield { event: { seq: 1 } }
          await new Promise((done) => signal.addEventListener('abort', done))
        } finally {
          cleaned = true
        }
      },
    })
    using client = open(server)
    const cancel = new AbortController()
    const watching = (async () => {
      for await (const _ of client.watch(0, cancel.signal)) cancel.abort()
    })()
    await expect(watching).rejects.toThrow()
    await waitFor(() => cleaned, { what: 'the method to clean up after itself' })
    expect(server.calls[0]!.signal.aborted).toBe(true)
    expect(server.lines).toEqual([])
  })

  test('a refusal in the middle of a stream comes after what was sent', async () => {
    await using server = await openServer({
      async *watchRun() {
        yield { event: { seq: 1 } }
        throw new Error('the table is gone')
      },
    })
    using client = open(server)
    const seen: number[] = []
    const watching = (async () => {
      for await (const seq of client.watch(0)) seen.push(seq)
    })()
    expect(await refusalOf(watching)).toMatchObject({ code: 'internal', reason: 'INTERNAL' })
    expect(seen).toEqual([1])
    expect(server.lines).toMatchObject([{ level: 'error', about: { err: new Error('the table is gone') } }])
  })

  test('a deadline that passes ends the call and tells the method', async () => {
    await using server = await openServer({ getJob: () => new Promise(() => undefined) })
    using client = open(server)
    expect(await refusalOf(client.getJob('slow', 60))).toMatchObject({ code: 'deadline_exceeded' })
    await waitFor(() => server.calls[0]?.signal.aborted, { what: 'the method to hear of it' })
    expect(server.lines).toEqual([])
  })

  test('a server that stops ends a stream with UNAVAILABLE', async () => {
    const hanging = Promise.withResolvers<void>()
    await using server = await openServer({
      async *watchRun(_request, { signal }) {
        yield { event: { seq: 1 } }
        hanging.resolve()
        await new Promise((done) => signal.addEventListener('abort', done))
      },
    })
    using client = open(server)
    const watching = (async () => {
      for await (const _ of client.watch(0)) await hanging.promise.then(() => void server.stop())
    })()
    expect(await refusalOf(watching)).toMatchObject({ code: 'unavailable', reason: 'UNAVAILABLE' })
  })

  test('a server that stops lets a call under way finish', async () => {
    const [arrived, answer] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    await using server = await openServer({
      async getJob() {
        arrived.resolve()
        await answer.promise
        return { job: { slug: 'late' } }
      },
    })
    using client = open(server)
    const call = client.getJob('slow')
    await arrived.promise
    const stopping = server.stop()
    answer.resolve()
    expect(await call).toMatchObject({ slug: 'late' })
    await stopping
  })
})

test('the client of the services calls with its bearer, and within its own time', async () => {
  await using server = await openServer({
    getJob: ({ job }) =>
      job === 'slow' ? new Promise(() => undefined) : Promise.resolve({ job: { slug: job } }),
  })
  const target = { baseUrl: server.url, timeoutMs: 60 }
  const jobs = createServiceClient(JobService, { ...target, bearer: apiKey })
  expect((await jobs.getJob({ job: 'mine' })).job?.slug).toBe('mine')
  expect(await refusalOf(jobs.getJob({ job: 'slow' }))).toMatchObject({ code: 'deadline_exceeded' })
  const nobody = createServiceClient(JobService, target)
  expect(await refusalOf(nobody.getJob({ job: 'mine' }))).toMatchObject({ reason: 'KEY_MISSING' })
})
