// A cluster behind its public origin: a gateway as a process, callers of every protocol that go through it, and jobs whose runs
// end when a test says so.

import { type CallOptions, createClient, type Transport } from '@connectrpc/connect'
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from '@connectrpc/connect-node'
import { JobService } from '@strait/contracts/catalog/v1/job_service_pb'
import { freePort } from '@strait/testkit/free-port'
import { type Answer, createReceiver } from '@strait/testkit/receiver'
import { type SpawnedService, spawnService } from '@strait/testkit/spawn-service'
import { type Cluster, startCluster } from './cluster.ts'

/** A cluster with a gateway in front. */
export interface Fronted extends AsyncDisposable {
  readonly cluster: Cluster
  readonly port: number
  readonly baseUrl: string
  /** Callers by the protocol that they speak, each a new one. */
  readonly transports: Readonly<Record<Caller, () => Transport>>
  /** What opens the services. */
  readonly bearer: CallOptions & { readonly headers: Readonly<Record<string, string>> }
  gateway(): SpawnedService
  /** Starts the gateway again after it ended. */
  restart(): Promise<void>
  heldJob(name: string): Promise<{ readonly slug: string; release(): void }>
}

export const callers = [
  'Connect with JSON',
  'Connect with binary',
  'Connect over HTTP/2',
  'gRPC',
  'gRPC-Web',
] as const
export type Caller = (typeof callers)[number]

/** Boots a cluster and a gateway. */
export async function startFronted(): Promise<Fronted> {
  await using stack = new AsyncDisposableStack()
  const cluster = stack.use(await startCluster({ scheduler: false, notifier: false }))
  const port = await freePort()
  const baseUrl = `http://127.0.0.1:${port}`
  const start = async () => {
    const { STRAIT_CATALOG_URL = '', STRAIT_DISPATCHER_URL = '' } = cluster.env
    const env = { HOST: '127.0.0.1', PORT: String(port), STRAIT_CATALOG_URL, STRAIT_DISPATCHER_URL }
    return kept.use(await spawnService({ service: 'gateway', env }))
  }
  const connect = (httpVersion: '1.1' | '2', useBinaryFormat: boolean) => () =>
    createConnectTransport({ baseUrl, httpVersion, useBinaryFormat })
  const transports = {
    'Connect with JSON': connect('1.1', false),
    'Connect with binary': connect('1.1', true),
    'Connect over HTTP/2': connect('2', true),
    gRPC: () => createGrpcTransport({ baseUrl }),
    'gRPC-Web': () => createGrpcWebTransport({ baseUrl, httpVersion: '1.1' }),
  }
  const bearer = { headers: { authorization: `Bearer ${cluster.apiKey}` } }
  const kept = stack.move()
  let gateway = await start()
  return {
    cluster,
    port,
    baseUrl,
    transports,
    bearer,
    gateway: () => gateway,
    async restart() {
      gateway = await start()
    },
    async heldJob(name) {
      const held = Promise.withResolvers<Answer>()
      const endpoint = kept.use(await createReceiver(() => held.promise))
      const jobs = createClient(JobService, transports['Connect with JSON']())
      const { job } = await jobs.createJob({ job: { name, endpointUrl: endpoint.url } }, bearer)
      return { slug: job?.slug ?? '', release: () => held.resolve({ body: { ok: true } }) }
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}
