// What passing through costs: `node services/gateway/test/measure-cost.ts [calls]`. A service with one small method and a gateway run
// as processes of their own; the same calls are made directly and through the gateway, in turns, and the CPU time of the two
// processes is read before and after. The ratios hold better than the figures.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { type ClientHttp2Session, connect } from 'node:http2'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { JobService } from '@strait/contracts/catalog/v1/job_service_pb'
import { createKeyVerifier } from '@strait/service-kit/key-verifier'
import { createLog } from '@strait/service-kit/log'
import { createRpcServer } from '@strait/service-kit/rpc/rpc-server'
import { partOfService } from '@strait/service-kit/rpc/rpc-service'
import { createTelemetry } from '@strait/service-kit/telemetry'
import { waitFor } from '@strait/testkit/wait-for'

const inFlight = 32
const path = '/strait.catalog.v1.JobService/GetJob'
const bearer = { authorization: 'Bearer strait_a_b' }

async function serve(port: number): Promise<void> {
  const caller = { actor: 'apikey:a', projectId: 'p', scopes: new Set(['admin']) }
  const server = createRpcServer({
    host: '127.0.0.1',
    port,
    services: [
      partOfService(JobService, {
        createJob: async ({ job }) => ({ job }),
        getJob: async ({ job }) => ({ job: { slug: job, name: 'A job', endpointUrl: 'http://127.0.0.1/' } }),
      }),
    ],
    serviceTokens: [],
    keys: createKeyVerifier(async (keys) => keys.map(() => ({ caller, endsAt: undefined }))),
    log: createLog('cost', 'error'),
    meter: createTelemetry().meter,
  })
  await server.start()
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  return port
}

/** User and system time of a process, in milliseconds. */
function cpuMs({ pid }: ChildProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * 10
}

/** Makes calls, so many at a time. */
async function repeat(calls: number, once: () => Promise<void>): Promise<void> {
  let left = calls
  const one = async () => {
    while (left-- > 0) await once()
  }
  await Promise.all(Array.from({ length: inFlight }, one))
}

function callJson(port: number, agent: Agent): Promise<void> {
  const body = '{"job":"daily"}'
  const headers = { ...bearer, 'content-type': 'application/json', 'content-length': body.length }
  return new Promise((done, fail) => {
    const call = request({ host: '127.0.0.1', port, path, method: 'POST', agent, headers }, (answer) => {
      if (answer.statusCode !== 200) fail(new Error(`answered ${answer.statusCode}`))
      answer.resume().once('end', done)
    })
    call.once('error', fail).end(body)
  })
}

function callGrpc(session: ClientHttp2Session): Promise<void> {
  const fields = { ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' }
  return new Promise((done, fail) => {
    const stream = session.request({ ...fields, ...bearer })
    stream.once('trailers', (trailers) => {
      if (trailers['grpc-status'] !== '0') fail(new Error(`answered ${trailers['grpc-status']}`))
    })
    stream.once('error', fail).once('close', done).resume()
    stream.end(Buffer.from('\x00\x00\x00\x00\x07\x0a\x05daily', 'latin1'))
  })
}

async function measure(calls: number): Promise<void> {
  const me = fileURLToPath(import.meta.url)
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
  const [behind, front, ops] = [await freePort(), await freePort(), await freePort()]
  const env = {
    PATH: process.env.PATH,
    HOST: '127.0.0.1',
    PORT: String(front),
    OPS_PORT: String(ops),
    STRAIT_CATALOG_URL: `http://127.0.0.1:${behind}`,
  }
  const service = spawn(process.execPath, [me, 'serve', String(behind)], { stdio: 'inherit' })
  const gateway = spawn(process.execPath, [main], { stdio: 'inherit', env })
  const isUp = async (port: number) => (await fetch(`http://127.0.0.1:${port}/`)).status > 0
  await waitFor(async () => (await isUp(behind)) && (await isUp(front)), { what: 'both to listen' })

  const agent = new Agent({ keepAlive: true, maxSockets: inFlight })
  const ways = [
    {
      name: 'Connect JSON over HTTP/1.1',
      on: () => ({ call: (port: number) => callJson(port, agent), end: () => undefined }),
    },
    {
      name: 'gRPC over HTTP/2',
      on(port: number) {
        const session = connect(`http://127.0.0.1:${port}`)
        return { call: () => callGrpc(session), end: () => session.close() }
      },
    },
  ]
  const line = (...cells: unknown[]) => process.stdout.write(`${cells.join('\t')}\n`)
  line('calls', 'way', 'ms CPU per 1,000: service', 'gateway', 'calls/s', 'gateway : service')
  for (const { name, on } of ways) {
    // The first round warms up and is not told.
    for (let round = 0; round < 3; round++) {
      for (const [way, port] of [
        ['direct', behind],
        ['through', front],
      ] as const) {
        const { call, end } = on(port)
        const before = [cpuMs(service), cpuMs(gateway)] as const
        const startedAt = performance.now()
        await repeat(calls, () => call(port))
        const perSecond = Math.round(calls / ((performance.now() - startedAt) / 1_000))
        const [a, b] = [cpuMs(service) - before[0], cpuMs(gateway) - before[1]].map(
          (ms) => (ms * 1_000) / calls,
        )
        end()
        if (round > 0)
          line(name, way, a?.toFixed(0), b?.toFixed(0), perSecond, ((b ?? 0) / (a ?? 1)).toFixed(2))
      }
    }
  }
  agent.destroy()
  service.kill()
  gateway.kill()
}

const [first = '20000', port] = process.argv.slice(2)
if (first === 'serve') await serve(Number(port))
else await measure(Number(first))
