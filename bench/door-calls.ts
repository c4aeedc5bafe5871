// One call of TriggerJob through each door, as cheap for the caller as it gets, so that the server is what is measured. Every answer
// is checked for success: a refusal is cheap, and would be the fastest door of all.

import { type ClientHttp2Session, connect } from 'node:http2'
import { create, toBinary, toJsonString } from '@bufbuild/protobuf'
import { RunService, TriggerJobRequestSchema } from '@strait/contracts/dispatcher/v1/run_service_pb'
import { Pool } from 'undici'

/** Makes one call and waits for its answer. */
export type Call = () => Promise<void>

type Door = 'connect+json' | 'connect+proto' | 'rest' | 'grpc-web' | 'grpc'

const open: { close(): unknown }[] = []
const key = 'strait_bench0000000_secret'
const payload = '{"order":9007199254740993,"items":[{"sku":"a-1","count":2},{"sku":"b-2","count":1}]}'
const message = create(TriggerJobRequestSchema, {
  job: 'bench',
  payload,
  idempotencyKey: 'order-4711',
  metadata: { tenant: 't1' },
})
const rpcPath = `/${RunService.typeName}/TriggerJob`
const restBody = Buffer.from(
  `{"payload":${payload},"idempotency_key":"order-4711","metadata":{"tenant":"t1"}}`,
)

function requestOf(door: Door): { path: string; type: string; body: Buffer } {
  const binary = Buffer.from(toBinary(TriggerJobRequestSchema, message))
  const head = Buffer.alloc(5)
  head.writeUInt32BE(binary.length, 1)
  const framed = Buffer.concat([head, binary])
  switch (door) {
    case 'connect+json':
      return {
        path: rpcPath,
        type: 'application/json',
        body: Buffer.from(toJsonString(TriggerJobRequestSchema, message)),
      }
    case 'connect+proto':
      return { path: rpcPath, type: 'application/proto', body: binary }
    case 'rest':
      return { path: '/v1/jobs/bench/trigger', type: 'application/json', body: restBody }
    case 'grpc-web':
      return { path: rpcPath, type: 'application/grpc-web+proto', body: framed }
    case 'grpc':
      return { path: rpcPath, type: 'application/grpc+proto', body: framed }
  }
}

/** A call over HTTP/1.1. */
export function httpCall(port: number, door: Door): Call {
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: 32, pipelining: 1 })
  open.push(pool)
  const { path, type, body } = requestOf(door)
  const headers = { 'content-type': type, authorization: `Bearer ${key}` }
  return async () => {
    const answer = await pool.request({ path, method: 'POST', headers, body })
    const bytes = await answer.body.arrayBuffer()
    if (answer.statusCode >= 300 || bytes.byteLength < 100)
      throw new Error(`${door} answered ${answer.statusCode}`)
  }
}

/** A call over HTTP/2, all on one connection. */
export function http2Call(port: number, door: Door): Call {
  let session: ClientHttp2Session | undefined
  open.push({ close: () => session?.destroy() })
  const { path, type, body } = requestOf(door)
  const headers = {
    ':method': 'POST',
    ':path': path,
    'content-type': type,
    te: 'trailers',
    authorization: `Bearer ${key}`,
  }
  return () => {
    session ??= connect(`http://127.0.0.1:${port}`)
    const stream = session.request(headers)
    return new Promise((done, fail) => {
      let ok = false
      let size = 0
      stream.on('response', (answer) => {
        ok = Number(answer[':status']) < 300
      })
      stream.on('data', (chunk: Buffer) => {
        size += chunk.length
      })
      stream.on('end', () => (ok && size > 100 ? done() : fail(new Error(`${door} was refused`))))
      stream.on('error', fail)
      stream.end(body)
    })
  }
}

/** Closes what calls were made over. */
export async function closeCalls(): Promise<void> {
  for (const one of open.splice(0)) await one.close()
}
