// Every way in, by hand: bytes go in that no client library would send, and the refusal that comes out is read the way the
// protocol says.

import { once } from 'node:events'
import { request as http1Request } from 'node:http'
import { connect as http2Connect } from 'node:http2'
import { buffer } from 'node:stream/consumers'
import type { ConnectError } from '@connectrpc/connect'
import { Code, ConnectError as ConnectErrorClass } from '@connectrpc/connect'
import { endStreamFromJson, errorFromJsonBytes } from '@connectrpc/connect/protocol-connect'
import { findTrailerError } from '@connectrpc/connect/protocol-grpc'
import { trailerParse } from '@connectrpc/connect/protocol-grpc-web'
import { envelope } from '../src/rpc/envelope.ts'
import { type Refused, readRefusal } from './refused.ts'
import { apiKey } from './server-bundle.ts'

/** A raw answer. */
export interface RawAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly trailers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

/** What goes in. */
export interface RawRequest {
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  /** `open` sends the headers and leaves the body to come for ever. */
  readonly body: Uint8Array | 'open'
  readonly verb?: string
}

/** One door of the port. */
export interface Door {
  readonly name: string
  readonly kind: 'unary' | 'stream'
  readonly json: boolean
  /** Sends a body of these message bytes, wrapped as the protocol does it, and reads the refusal; fails without one. */
  refusal(port: number, request: RawRequest): Promise<Refused & { readonly status: number }>
  readonly timeoutHeader: 'connect-timeout-ms' | 'grpc-timeout'
  readonly encodingHeader: string
}

function door(
  httpVersion: 1 | 2,
  contentType: string,
  kind: Door['kind'],
  how: {
    readonly framed: boolean
    readonly readError: (answer: RawAnswer) => ConnectError | undefined
    readonly grpc: boolean
  },
): Door {
  return {
    name: `${contentType} over HTTP/${httpVersion}`,
    kind,
    json: contentType.endsWith('json'),
    timeoutHeader: how.grpc ? 'grpc-timeout' : 'connect-timeout-ms',
    encodingHeader: how.grpc ? 'grpc-encoding' : how.framed ? 'connect-content-encoding' : 'content-encoding',
    async refusal(port, { path, headers, body, verb }) {
      const answer = await sendRaw(httpVersion, port, {
        path,
        verb,
        headers: {
          'content-type': contentType,
          authorization: `Bearer ${apiKey}`,
          te: 'trailers',
          ...headers,
        },
        body: body !== 'open' && how.framed ? envelope(0, body) : body,
      })
      const error = how.readError(answer)
      if (error === undefined) throw new Error(`not refused, but answered ${answer.status}: ${answer.body}`)
      return { ...readRefusal(error), status: answer.status }
    },
  }
}

const invalid = new ConnectErrorClass('the answer is no error of Connect', Code.Unknown)

const unary = {
  framed: false,
  grpc: false,
  readError: ({ status, body }: RawAnswer) =>
    status === 200 ? undefined : errorFromJsonBytes(body, undefined, invalid),
}
const stream = {
  framed: true,
  grpc: false,
  readError: ({ body }: RawAnswer) => endStreamFromJson(lastEnvelope(body)).error,
}
const grpc = {
  framed: true,
  grpc: true,
  readError: ({ trailers }: RawAnswer) =>
    findTrailerError(new Headers(Object.entries(trailers) as [string, string][])),
}
const grpcWeb = {
  framed: true,
  grpc: true,
  readError: ({ body }: RawAnswer) => findTrailerError(trailerParse(lastEnvelope(body))),
}

function lastEnvelope(body: Buffer): Buffer {
  let rest = body
  while (rest.readUInt8(0) < 2) rest = rest.subarray(5 + rest.readUInt32BE(1))
  return rest.subarray(5)
}

/** All doors: two versions, four protocols, two forms, questions and streams. */
export const doors: readonly Door[] = [
  door(1, 'application/json', 'unary', unary),
  door(1, 'application/proto', 'unary', unary),
  door(2, 'application/json', 'unary', unary),
  door(2, 'application/proto', 'unary', unary),
  door(1, 'application/connect+json', 'stream', stream),
  door(2, 'application/connect+proto', 'stream', stream),
  door(2, 'application/grpc', 'unary', grpc),
  door(2, 'application/grpc+proto', 'stream', grpc),
  door(2, 'application/grpc+json', 'unary', grpc),
  door(1, 'application/grpc-web+proto', 'unary', grpcWeb),
  door(1, 'application/grpc-web+json', 'stream', grpcWeb),
  door(2, 'application/grpc-web', 'stream', grpcWeb),
]

/** Sends one request and waits for its whole answer, however much of the request has gone out by then. */
export async function sendRaw(httpVersion: 1 | 2, port: number, request: RawRequest): Promise<RawAnswer> {
  return httpVersion === 1 ? sendHttp1(port, request) : sendHttp2(port, request)
}

async function sendHttp1(
  port: number,
  { path, headers, body, verb = 'POST' }: RawRequest,
): Promise<RawAnswer> {
  const call = http1Request({ host: '127.0.0.1', port, path, method: verb, headers, agent: false })
  // What the server does with a body that it does not want is not an error of the answer.
  call.on('error', () => undefined)
  if (body === 'open') call.flushHeaders()
  else call.end(body)
  const [response] = await once(call, 'response')
  const whole = await buffer(response)
  call.destroy()
  return { status: response.statusCode, headers: response.headers, trailers: response.trailers, body: whole }
}

async function sendHttp2(
  port: number,
  { path, headers, body, verb = 'POST' }: RawRequest,
): Promise<RawAnswer> {
  const session = http2Connect(`http://127.0.0.1:${port}`)
  try {
    const call = session.request({ ':path': path, ':method': verb, ...headers })
    let trailers = {}
    call.on('trailers', (received) => {
      trailers = received
    })
    if (body !== 'open' && !call.writableEnded) call.end(body)
    const [received] = await once(call, 'response')
    const whole = await buffer(call)
    return { status: received[':status'], headers: received, trailers, body: whole }
  } finally {
    session.destroy()
  }
}
