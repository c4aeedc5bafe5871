// One port for HTTP/1.1 and HTTP/2, in TLS or without: the first bytes of a connection say which it is, and in TLS what both
// sides agreed on. Every connection is bounded:
// in number, in the time it may say nothing, in the size and time of its headers, and in how long it may idle.
//
// Node's HTTP/1.1 server does the listening itself, because only a listening one enforces its time-outs and can close what
// idles; the connections that it accepts pass by here before it may have them.

import type { EventEmitter } from 'node:events'
import { createServer as createHttp1, type ServerResponse } from 'node:http'
import { createServer as createHttp2, type ServerHttp2Session } from 'node:http2'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { listen } from '../listen.ts'
import type { Request, Response } from './http-types.ts'
import { readVersion, type Version } from './read-version.ts'
import { createTlsDoor, refusePlaintext, type TlsOptions } from './tls-door.ts'
import { watchSession } from './watch-session.ts'

/** How long a connection may take over what; in milliseconds. */
export interface PortTimes {
  /** Until its first bytes say what it speaks. */
  readonly greeting: number
  /** For the headers of one request. */
  readonly headers: number
  /** For one request with its body. */
  readonly request: number
  /** Without a request. */
  readonly idle: number
}

const defaultTimes: PortTimes = { greeting: 15_000, headers: 15_000, request: 120_000, idle: 65_000 }

// In HTTP/2 it holds from the moment in which a peer has seen our settings; before that 64 KiB do, which nghttp2 ensures.
const maxHeaderBytes = 16_384
const maxStreamsPerSession = 1_000
const maxSessionMebibytes = 32

/** What becomes of HTTP/1.1 requests to upgrade. */
export interface UpgradeDoor {
  /** Whether this one is taken; if not, it is an ordinary request. */
  takes(request: Request): boolean
  /** Owns the connection from here on. `head` is what of the new protocol came with the request. */
  serve(request: Request, socket: Duplex, head: Buffer): void
}

/** One port. */
export interface OnePortOptions {
  readonly host: string
  readonly port: number
  readonly handler: (request: Request, response: Response) => void
  /** Leaves HTTP for what was asked for. Without it a request to upgrade is answered as if it did not ask. */
  readonly upgrade?: UpgradeDoor
  readonly onError: (err: Error) => void
  /** Speaks TLS too, or nothing else. Default: no TLS. */
  readonly tls?: TlsOptions
  readonly times?: Partial<PortTimes>
  /** Connections at most; further ones are closed at once. Default: 20,000. */
  readonly maxConnections?: number
}

/** A port that is not open yet. It may be opened again after it was closed. */
export interface OnePort {
  /** The port it listens on; before that, the one it is to. */
  port(): number
  open(): Promise<void>
  /** Takes nothing new, lets calls under way finish for so long, then cuts what is left. */
  close(withinMs: number): Promise<void>
}

/** Makes one port for both versions. */
export function createOnePort(options: OnePortOptions): OnePort {
  const times = { ...defaultTimes, ...options.times }
  const sockets = new Set<Socket>()
  const silent = new Set<Socket>()
  const sessions = new Set<ServerHttp2Session>()
  const answers = new Set<ServerResponse>()
  let closing = false

  const http1 = makeHttp1(times, options.upgrade)
  const http2 = makeHttp2()
  const [serveHttp1] = http1.listeners('connection') as [(socket: Socket) => void]
  http1.removeAllListeners('connection').on('connection', admit)
  http1.maxConnections = options.maxConnections ?? 20_000
  http1.on('request', (request, response) => {
    keep(answers, response)
    // After a request to upgrade that was not taken, Node's parser forgets what came right behind it: nothing may follow.
    if (closing || request.headers.upgrade !== undefined) response.shouldKeepAlive = false
    options.handler(request, response)
  })
  http2.on('request', (request, response) =>
    options.handler(request as unknown as Request, response as unknown as Response),
  )
  http2.on('session', (session) => {
    keep(sessions, session)
    watchSession(session, times.idle)
  })

  const tls =
    options.tls &&
    createTlsDoor(options.tls, times.greeting, (socket) => {
      socket.on('error', () => socket.destroy())
      // Whoever agreed on nothing says with its first bytes what it speaks.
      if (socket.alpnProtocol === 'h2') return serve(socket, 'http2')
      keep(silent, socket)
      readVersion(socket, times.greeting, (version) => serve(socket, version))
    })

  function admit(socket: Socket): void {
    keep(sockets, socket)
    keep(silent, socket)
    socket.on('error', () => socket.destroy())
    readVersion(socket, times.greeting, (version) => {
      if (version === 'tls' && tls !== undefined) {
        silent.delete(socket)
        return tls.admit(socket)
      }
      if (options.tls?.plaintext === 'refused') return refusePlaintext(socket, version)
      serve(socket, version)
    })
  }

  function serve(socket: Socket, version: Version): void {
    silent.delete(socket)
    // In HTTP/1.1 whoever has sent its last request may say so, and is answered all the same.
    socket.allowHalfOpen = version === 'http1'
    if (version === 'http2') http2.emit('connection', socket)
    else serveHttp1.call(http1, socket)
  }

  let port = options.port
  return {
    port: () => port,
    async open() {
      closing = false
      tls?.open()
      port = await listen(http1, options.host, options.port)
      // An accept that fails, for want of file descriptors say, is no reason to end.
      http1.on('error', options.onError)
    },
    async close(withinMs) {
      closing = true
      tls?.close()
      const closed = new Promise<void>((done) => http1.close(() => done()))
      for (const session of sessions) session.close()
      for (const socket of silent) socket.destroy()
      for (const answer of answers) if (!answer.headersSent) answer.shouldKeepAlive = false
      // An answer that had begun before leaves its connection idle when it ends.
      const idle = setInterval(() => http1.closeIdleConnections(), 50)
      const cut = setTimeout(() => {
        for (const socket of sockets) socket.destroy()
      }, withinMs)
      await closed
      clearInterval(idle)
      clearTimeout(cut)
      http1.off('error', options.onError)
    },
  }
}

function makeHttp1(times: PortTimes, upgrade: UpgradeDoor | undefined) {
  const server = createHttp1({
    shouldUpgradeCallback: (request) => upgrade?.takes(request) ?? false,
    maxHeaderSize: maxHeaderBytes,
    headersTimeout: times.headers,
    requestTimeout: times.request,
    keepAliveTimeout: times.idle,
    connectionsCheckingInterval: Math.min(times.headers, 5_000),
    noDelay: true,
    // Finds out about callers that vanished while they are sent nothing.
    keepAlive: true,
    keepAliveInitialDelay: 60_000,
  })
  if (upgrade !== undefined) server.on('upgrade', upgrade.serve)
  return server
}

function makeHttp2() {
  return createHttp2({
    settings: { maxConcurrentStreams: maxStreamsPerSession, maxHeaderListSize: maxHeaderBytes },
    maxSessionMemory: maxSessionMebibytes,
  })
}

/** Holds something as long as it is open. */
function keep<T extends EventEmitter>(open: Set<T>, one: T): void {
  open.add(one)
  one.once('close', () => open.delete(one))
}
