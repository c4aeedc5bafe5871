// Real servers on 127.0.0.1 for the client's tests, each closed with its connections when its test ends.
import { once } from 'node:events'
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { expect, onTestFinished, vi } from 'vitest'
import { developmentAllow } from '../src/address.ts'
import { createEgress, type Egress, type EgressOptions, type EgressRequest } from '../src/client.ts'
import { certificate, privateKey } from './localhost-certificate.ts'

export interface LocalServer {
  readonly port: number
  readonly url: string
  /** Every connection accepted so far. */
  readonly sockets: Socket[]
}

export interface ReceivedRequest {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface HttpServer extends LocalServer {
  readonly requests: ReceivedRequest[]
}

type Answer = (response: ServerResponse, request: ReceivedRequest) => void

/** An HTTP server that keeps what it receives; `answer` sees each request when its body is complete. */
export async function serveHttp(answer: Answer = (response) => response.end('ok')): Promise<HttpServer> {
  const requests: ReceivedRequest[] = []
  const server = createHttpServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => {
      const { method, url, headers } = request
      requests.push({ method, url, headers, body: Buffer.concat(chunks).toString() })
      answer(response, requests[requests.length - 1] as ReceivedRequest)
    })
  })
  return { requests, ...(await listen(server)) }
}

/** A bare TCP server: `onSocket` writes what it likes. */
export function serveTcp(onSocket: (socket: Socket) => void): Promise<LocalServer> {
  return listen(createServer(onSocket))
}

/** A TLS server with the test certificate. */
export function serveTls(onSocket: (socket: Socket) => void): Promise<LocalServer> {
  return listen(createTlsServer({ cert: certificate, key: privateKey }, onSocket))
}

/** Calls back with the n-th whole request of a socket, read by nothing but its blank line and the body `{}`. */
export function onRequest(socket: Socket, act: (count: number) => void): void {
  let text = ''
  let count = 0
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1')
    while (text.includes('\r\n\r\n{}')) {
      text = text.slice(text.indexOf('\r\n\r\n{}') + 6)
      count += 1
      act(count)
    }
  })
}

/** A client that may call loopback, closed at the end of the test, when it must have nothing left. */
export function testEgress(options: Partial<EgressOptions> = {}): Egress {
  const egress = createEgress({ allow: developmentAllow(), userAgent: 'Strait-Test', ...options })
  onTestFinished(async () => {
    await egress.close()
    expect(egress.stats()).toEqual({ origins: 0, open: 0, idle: 0, waiting: 0 })
  })
  return egress
}

/** A POST of `{}` with what a test does not care about filled in. */
export function post(url: string, change: Partial<EgressRequest> = {}): EgressRequest {
  return { method: 'POST', url, headers: {}, body: '{}', timeoutMs: 30_000, ...change }
}

/** Waits for a fact, for as long as a busy machine may need. */
export function until(fact: () => unknown): Promise<unknown> {
  return vi.waitUntil(fact, { timeout: 8_000, interval: 5 })
}

/**
 * Lets the test say when a deadline is reached: time stands still for setTimeout, while sockets go on.
 */
export function holdTimeouts(): { advance(ms: number): Promise<void> } {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  return {
    async advance(ms) {
      vi.advanceTimersByTime(ms)
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
}

async function listen(server: Server): Promise<LocalServer> {
  const sockets: Socket[] = []
  server.on('connection', (socket) => {
    socket.on('error', () => socket.destroy())
    sockets.push(socket)
  })
  server.on('secureConnection', (socket: Socket) => socket.on('error', () => socket.destroy()))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.destroy()
    await closed
  })
  const { port } = server.address() as AddressInfo
  return { port, url: `http://127.0.0.1:${port}/`, sockets }
}
