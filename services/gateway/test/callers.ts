// Callers by hand, over either version of HTTP: what they send and what comes back, byte by byte.

import { once } from 'node:events'
import { type ClientRequest, request as http1Request, type IncomingMessage } from 'node:http'
import { type ClientHttp2Stream, connect as http2Connect } from 'node:http2'
import { connect, type Socket } from 'node:net'
import type { Readable, Writable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'

/** A request. */
export interface Sent {
  readonly path: string
  readonly verb?: string
  readonly headers?: Readonly<Record<string, string | string[]>>
  /** `open` leaves the body to be written. */
  readonly body?: string | Buffer | 'open'
}

/** An answer that has begun. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Readable
  trailers(): Readonly<Record<string, string | string[] | undefined>>
}

/** A call that was begun. */
export interface Call {
  readonly answer: Promise<Answer>
  readonly outgoing: Writable
  write(chunk: Buffer | string): boolean
  end(): void
  /** Goes away. */
  abort(): void
}

export const versions = [1, 2] as const
export type Version = (typeof versions)[number]

/** Begins a call. */
export function call(version: Version, port: number, sent: Sent): Call {
  return version === 1 ? callHttp1(port, sent) : callHttp2(port, sent)
}

/** Makes a call and waits for all of its answer. */
export async function ask(version: Version, port: number, sent: Sent) {
  const answer = await call(version, port, sent).answer
  const body = await buffer(answer.body)
  const { status, headers } = answer
  return { status, headers, body, text: body.toString(), trailers: answer.trailers() }
}

function callHttp1(port: number, { path, verb = 'POST', headers = {}, body = '' }: Sent): Call {
  const length = body === 'open' || body.length === 0 ? {} : { 'content-length': String(body.length) }
  const outgoing: ClientRequest = http1Request({
    host: '127.0.0.1',
    port,
    path,
    method: verb,
    agent: false,
    headers: { ...length, ...headers },
  })
  const answer = once(outgoing, 'response').then(([message]: IncomingMessage[]) => ({
    status: message!.statusCode ?? 0,
    headers: message!.headers,
    body: message as Readable,
    trailers: () => message!.trailers,
  }))
  outgoing.on('error', () => undefined)
  answer.catch(() => undefined)
  if (body !== 'open') outgoing.end(body)
  else outgoing.flushHeaders()
  onTestFinished(() => void outgoing.destroy())
  return {
    answer,
    outgoing,
    write: (chunk) => outgoing.write(chunk),
    end: () => void outgoing.end(),
    abort: () => void outgoing.destroy(),
  }
}

function callHttp2(port: number, { path, verb = 'POST', headers = {}, body = '' }: Sent): Call {
  const session = http2Connect(`http://127.0.0.1:${port}`)
  session.on('error', () => undefined)
  const endStream = body !== 'open' && body.length === 0
  const stream: ClientHttp2Stream = session.request(
    { ':method': verb, ':path': path, ...headers },
    { endStream },
  )
  let trailers = {}
  stream.on('trailers', (last) => {
    trailers = last
  })
  stream.on('error', () => undefined)
  stream.once('close', () => session.close())
  const unanswered = once(stream, 'close').then(() => {
    throw new Error('the stream was closed without an answer')
  })
  unanswered.catch(() => undefined)
  const answer = Promise.race([once(stream, 'response'), unanswered]).then(([fields]) => ({
    status: Number(fields[':status']),
    headers: fields,
    body: stream as Readable,
    trailers: () => trailers,
  }))
  answer.catch(() => undefined)
  if (body !== 'open' && !endStream) stream.end(body)
  onTestFinished(() => session.destroy())
  return {
    answer,
    outgoing: stream,
    write: (chunk) => stream.write(chunk),
    end: () => void stream.end(),
    abort: () => stream.close(8),
  }
}

/** A connection on which anything can be said. */
export async function openRaw(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port })
  socket.on('error', () => undefined)
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  return socket
}

/** Says something on a connection of its own and hears everything until it closes. */
export async function sayRaw(port: number, bytes: string): Promise<string> {
  const socket = await openRaw(port)
  socket.write(bytes, 'latin1')
  return text(socket).catch(() => '(reset)')
}

/** What a body brings until it ends or breaks off. */
export async function drained(body: Readable): Promise<{ readonly bytes: number; readonly whole: boolean }> {
  let bytes = 0
  try {
    for await (const chunk of body) bytes += (chunk as Buffer).length
  } catch {
    return { bytes, whole: false }
  }
  const whole = !('rstCode' in body) || body.rstCode === 0
  return { bytes, whole }
}
