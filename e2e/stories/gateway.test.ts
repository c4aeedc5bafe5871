// The public origin in front of real services: everything that a caller can do with a service can be done through it, and nothing
// that only services may do.

import { once } from 'node:events'
import { connect as http2Connect } from 'node:http2'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import { Code, ConnectError, createClient } from '@connectrpc/connect'
import { credentials, Client as GrpcClient, Metadata } from '@grpc/grpc-js'
import { CatalogInternalService } from '@strait/contracts/catalog/v1/catalog_internal_service_pb'
import { createServiceClient } from '@strait/contracts/clients'
import { RunStatus } from '@strait/contracts/dispatcher/v1/run_pb'
import {
  RunService,
  WatchRunRequestSchema,
  WatchRunResponseSchema,
} from '@strait/contracts/dispatcher/v1/run_service_pb'
import type { SpawnedService } from '@strait/testkit/spawn-service'
import { waitFor } from '@strait/testkit/wait-for'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { callers, type Fronted, startFronted } from '../fronted.ts'

let all: Fronted
beforeAll(async () => {
  all = await startFronted()
})
afterAll(() => all[Symbol.asyncDispose]())

test.each(callers)(
  '%s creates a job in one service, triggers it in another, and sees each step as it happens',
  async (name) => {
    const transport = all.transports[name]()
    const runs = createClient(RunService, transport)
    const job = await all.heldJob(`Through ${name}`)
    const { run } = await runs.triggerJob({ job: job.slug, payload: '{"z":9007199254740993}' }, all.bearer)
    const seen: RunStatus[] = []
    const watching = (async () => {
      for await (const { event } of runs.watchRun({ run: run?.id ?? '' }, all.bearer))
        seen.push(event?.status ?? 0)
    })()
    await waitFor(() => seen.length === 2, { what: 'the first steps to be seen while the run is held' })
    job.release()
    await watching
    expect(seen).toEqual([RunStatus.QUEUED, RunStatus.EXECUTING, RunStatus.COMPLETED])
    const refusal = await runs.getRun({ run: 'nonsense' }, all.bearer).catch(ConnectError.from)
    expect(refusal).toMatchObject({ code: Code.NotFound })
  },
)

test('bare grpc-js watches a run through it', async () => {
  const job = await all.heldJob('Through grpc-js')
  const { run } = await createClient(RunService, all.transports.gRPC()).triggerJob(
    { job: job.slug },
    all.bearer,
  )
  const client = new GrpcClient(`127.0.0.1:${all.port}`, credentials.createInsecure())
  const metadata = new Metadata()
  metadata.set('authorization', `Bearer ${all.cluster.apiKey}`)
  const stream = client.makeServerStreamRequest(
    `/${RunService.typeName}/WatchRun`,
    (id: string) => Buffer.from(toBinary(WatchRunRequestSchema, create(WatchRunRequestSchema, { run: id }))),
    (bytes: Buffer) => fromBinary(WatchRunResponseSchema, bytes),
    run?.id ?? '',
    metadata,
  )
  const ended = Promise.withResolvers<{ readonly code: number }>()
  stream.on('status', ended.resolve)
  const seen: RunStatus[] = []
  for await (const { event } of stream) {
    seen.push(event.status)
    if (seen.length === 2) job.release()
  }
  expect(seen).toEqual([RunStatus.QUEUED, RunStatus.EXECUTING, RunStatus.COMPLETED])
  expect((await ended.promise).code).toBe(0)
  client.close()
})

test('REST creates, triggers and follows a run through it, each step as it happens', async () => {
  const job = await all.heldJob('Through REST')
  const headers = { ...all.bearer.headers, 'content-type': 'application/json' }
  const trigger = await fetch(`${all.baseUrl}/v1/jobs/${job.slug}/trigger`, {
    method: 'POST',
    headers,
    body: '{"payload":{"z":9007199254740993}}',
  })
  expect(trigger.status).toBe(201)
  const location = trigger.headers.get('location')
  const events = await fetch(`${all.baseUrl}${location}/events`, { headers })
  expect(events.headers.get('content-type')).toBe('text/event-stream')
  let heard = ''
  for await (const piece of events.body!.pipeThrough(new TextDecoderStream())) {
    heard += piece
    if (heard.includes('id: 2')) job.release()
  }
  expect([...heard.matchAll(/^id: (\d)$/gm)].map(([, id]) => id)).toEqual(['1', '2', '3'])
  const got = await fetch(`${all.baseUrl}${location}`, { headers })
  expect([got.status, await got.json()]).toMatchObject([200, { status: 'completed' }])
  const unknown = await fetch(`${all.baseUrl}/v1/jobs/no-such-job`, { headers })
  expect([unknown.status, await unknown.json()]).toMatchObject([404, { reason: 'JOB_NOT_FOUND' }])
  const described = await fetch(`${all.baseUrl}/openapi.json`)
  expect((await described.json()) as object).toHaveProperty(['paths', '/v1/jobs/{job}/trigger'])
})

/** How often a method ended so in a service. */
async function count({ opsUrl }: SpawnedService, method: string, code: string): Promise<number> {
  const metrics = await (await fetch(`${opsUrl}/metrics`)).text()
  const line = metrics
    .split('\n')
    .find((each) => each.includes('_count{') && each.includes(method) && each.includes(`code="${code}"`))
  return Number(line?.split(' ').at(-1) ?? 0)
}

test.each(['Connect with JSON', 'gRPC', 'gRPC-Web'] as const)(
  'a caller of %s that leaves ends the method',
  async (name) => {
    const dispatcher = all.cluster.dispatchers[0]!
    const runs = createClient(RunService, all.transports[name]())
    const job = await all.heldJob(`Left by ${name}`)
    const { run } = await runs.triggerJob({ job: job.slug }, all.bearer)
    const before = await count(dispatcher, 'RunService/WatchRun', 'canceled')
    const leave = new AbortController()
    const watching = (async () => {
      for await (const _ of runs.watchRun({ run: run?.id ?? '' }, { ...all.bearer, signal: leave.signal }))
        leave.abort()
    })()
    await expect(watching).rejects.toThrow(/canceled|aborted/)
    await waitFor(async () => (await count(dispatcher, 'RunService/WatchRun', 'canceled')) > before, {
      what: 'the service to hear of it',
    })
    job.release()
  },
)

const inside = `/${CatalogInternalService.typeName}/GetWebhookSecrets`

test('a method of an internal service is not there, and nothing of the attempt reaches the service', async () => {
  const { catalog, serviceToken } = all.cluster
  const calls = async () => count(catalog, 'GetWebhookSecrets', 'ok')
  const direct = createServiceClient(CatalogInternalService, { baseUrl: catalog.url, bearer: serviceToken })
  await direct.getWebhookSecrets({})
  expect(await calls()).toBe(1)

  const headers = { 'content-type': 'application/json', authorization: `Bearer ${serviceToken}` }
  const answer = await fetch(all.baseUrl + inside, { method: 'POST', headers, body: '{}' })
  expect([answer.status, await answer.json()]).toMatchObject([404, { code: 'unimplemented' }])
  for (const name of callers) {
    const client = createClient(CatalogInternalService, all.transports[name]())
    const refusal = await client
      .getWebhookSecrets({}, { headers: { authorization: `Bearer ${serviceToken}` } })
      .catch(ConnectError.from)
    expect(refusal).toMatchObject({ code: Code.Unimplemented })
  }
  const disguised = [
    ...[`/v1/..${inside}`, `/v1/%2e%2e${inside}`, `//${inside}`, `/.${inside}`, `/v1/jobs/..;${inside}`],
    ...[
      `http://other${inside}`,
      `http://127.0.0.1:${all.port}${inside}`,
      `${inside}?x=1`,
      `${inside}#x`,
      `${inside};x`,
    ],
    ...[inside.replace('s', '%73'), inside.replaceAll('/', '%2f'), `/v1/jobs/a/..%2f..%2f..${inside}`],
    ...[`/strait.catalog.v1.JobService/GetJob/../..${inside}`, `/v1/jobs/a?/../..${inside}`],
  ]
  for (const path of disguised) {
    const body = 'Content-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}'
    const socket = connect(all.port, '127.0.0.1')
    socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${serviceToken}\r\n${body}`)
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 4\d\d /)
    expect(await statusOverHttp2(path, headers)).toBeGreaterThanOrEqual(400)
  }
  expect(await calls()).toBe(1)
})

/** The status that a path is answered with; 400 where HTTP/2 itself says that it is none. */
async function statusOverHttp2(path: string, headers: Readonly<Record<string, string>>): Promise<number> {
  const session = http2Connect(all.baseUrl)
  session.on('error', () => undefined)
  const stream = session.request({ ':method': 'POST', ':path': path, ...headers }).end('{}')
  try {
    const [fields] = await once(stream, 'response')
    return fields[':status']
  } catch (err) {
    expect(err).toMatchObject({ code: 'ERR_HTTP2_STREAM_ERROR' })
    return 400
  } finally {
    session.destroy()
  }
}
