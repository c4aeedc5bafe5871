import { create, type DescMethodUnary, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf'
import { createClient, type Transport } from '@connectrpc/connect'
import { createConnectTransport, createGrpcTransport } from '@connectrpc/connect-node'
import { credentials, Client as GrpcClient, Metadata } from '@grpc/grpc-js'
import { RunStatus } from '@strait/contracts/dispatcher/v1/run_pb'
import {
  RunService,
  type TriggerJobRequestSchema,
  TriggerJobResponseSchema,
  WatchRunRequestSchema,
  WatchRunResponseSchema,
} from '@strait/contracts/dispatcher/v1/run_service_pb'
import { createReceiver, type Receiver } from '@strait/testkit/receiver'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Cluster, startCluster } from '../cluster.ts'

let cluster: Cluster
let endpoint: Receiver
beforeAll(async () => {
  cluster = await startCluster({ scheduler: false, notifier: false })
  endpoint = await createReceiver()
  await cluster.jobs.createJob({ job: { name: 'Doors', endpointUrl: endpoint.url } })
})
afterAll(async () => {
  await endpoint.close()
  await cluster[Symbol.asyncDispose]()
})

const payload = '{"z":9007199254740993, "a":"\\u00e9"}'
const baseUrl = () => cluster.dispatchers[0]?.url ?? ''

const transports: Readonly<Record<string, () => Transport>> = {
  'Connect with JSON over HTTP/1.1': () =>
    createConnectTransport({ baseUrl: baseUrl(), httpVersion: '1.1', useBinaryFormat: false }),
  'Connect with binary over HTTP/1.1': () =>
    createConnectTransport({ baseUrl: baseUrl(), httpVersion: '1.1', useBinaryFormat: true }),
  'Connect over HTTP/2': () => createConnectTransport({ baseUrl: baseUrl(), httpVersion: '2' }),
  'gRPC over HTTP/2': () => createGrpcTransport({ baseUrl: baseUrl() }),
}

test.each(Object.keys(transports))(
  '%s triggers a run and watches it to its end, on the same port',
  async (name) => {
    const runs = createClient(RunService, transports[name]?.() as Transport)
    const headers = { authorization: `Bearer ${cluster.apiKey}` }
    const { run } = await runs.triggerJob({ job: 'doors', payload }, { headers })
    const seen: RunStatus[] = []
    for await (const { event } of runs.watchRun({ run: run?.id ?? '' }, { headers }))
      seen.push(event?.status ?? 0)
    expect(seen).toEqual([RunStatus.QUEUED, RunStatus.EXECUTING, RunStatus.COMPLETED])
    const call = endpoint.requests.find((request) => request.headers['x-strait-run-id'] === run?.id)
    expect(call?.body.toString()).toBe(payload)
    await expect(runs.getRun({ run: 'nonsense' }, { headers })).rejects.toThrow(/not_found/)
  },
)

test('bare grpc-js triggers a run and watches it to its end, on the same port', async () => {
  const client = new GrpcClient(baseUrl().replace('http://', ''), credentials.createInsecure())
  const metadata = new Metadata()
  metadata.set('authorization', `Bearer ${cluster.apiKey}`)
  const path = (method: string) => `/${RunService.typeName}/${method}`
  const trigger = (init: MessageInitShape<typeof TriggerJobRequestSchema>) =>
    new Promise<ReturnType<typeof fromBinary<typeof TriggerJobResponseSchema>>>((done, fail) => {
      const method: DescMethodUnary = RunService.method.triggerJob
      client.makeUnaryRequest(
        path('TriggerJob'),
        (message: MessageInitShape<typeof TriggerJobRequestSchema>) =>
          Buffer.from(toBinary(method.input, create(method.input, message as never))),
        (bytes: Buffer) => fromBinary(TriggerJobResponseSchema, bytes),
        init,
        metadata,
        (err, answer) => (err ? fail(err) : done(answer as never)),
      )
    })
  const { run } = await trigger({ job: 'doors', payload })
  const stream = client.makeServerStreamRequest(
    path('WatchRun'),
    (init: MessageInitShape<typeof WatchRunRequestSchema>) =>
      Buffer.from(toBinary(WatchRunRequestSchema, create(WatchRunRequestSchema, init))),
    (bytes: Buffer) => fromBinary(WatchRunResponseSchema, bytes),
    { run: run?.id ?? '' },
    metadata,
  )
  const seen: RunStatus[] = []
  for await (const { event } of stream) seen.push(event.status)
  expect(seen).toEqual([RunStatus.QUEUED, RunStatus.EXECUTING, RunStatus.COMPLETED])
  await expect(trigger({ job: 'missing' })).rejects.toMatchObject({ code: 5 })
  client.close()
})
