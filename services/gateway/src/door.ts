// The public port. A request goes
//   first line → which service? → the same version of HTTP there → its answer back, byte by byte
// What leads nowhere is answered here. Nothing is kept: after any end of this process another one goes on in its place.

import type { Duplex } from 'node:stream'
import { type Part, takingTurns } from '@strait/service-kit/part'
import type { Request, Response } from '@strait/service-kit/rpc/http-types'
import { createOnePort, type PortTimes } from '@strait/service-kit/rpc/one-port'
import type { RpcHandler } from '@strait/service-kit/rpc/rpc-handler'
import type { TlsOptions } from '@strait/service-kit/rpc/tls-door'
import type { Answers } from './answers.ts'
import type { Peer } from './domain/headers.ts'
import type { Router } from './domain/routes.ts'
import type { Events } from './events.ts'
import { beginExchange, type Exchange } from './exchange.ts'
import { answerOn } from './http/tunnel.ts'
import type { Upstream } from './http/upstream.ts'

/** What the port is made of. */
export interface DoorOptions {
  readonly host: string
  readonly port: number
  readonly route: Router
  /** The services by their names. */
  readonly upstreams: ReadonlyMap<string, Upstream>
  /** Answers what is for no service. */
  readonly here: RpcHandler
  readonly answers: Answers
  readonly answerWithinMs: number
  /** How long calls under way may take when the gateway stops. */
  readonly stopWithinMs: number
  readonly events: Events
  readonly tls?: TlsOptions
  readonly times?: Partial<PortTimes>
  readonly maxConnections?: number
}

/** Makes the public port. */
export function createDoor(options: DoorOptions): Part & { port(): number; isOpen(): boolean } {
  const { route, upstreams, here, events, answers, answerWithinMs } = options
  const open = new Set<Exchange>()
  let state: 'closed' | 'open' | 'closing' = 'closed'

  function begin(request: Request, response: Response, owner: string, streams: boolean): Exchange {
    const startedAt = performance.now()
    const exchange = beginExchange(request, response, {
      streams,
      answerWithinMs,
      answers,
      ended(end) {
        open.delete(exchange)
        events.ended(owner, end, performance.now() - startedAt)
        events.inFlight(open.size)
      },
    })
    open.add(exchange)
    events.inFlight(open.size)
    return exchange
  }

  function handle(request: Request, response: Response): void {
    const way = route(request.method ?? '', request.url ?? '')
    if (way.to === 'here') {
      response.once('close', () => events.answeredHere(response.statusCode))
      here.handle(request, response)
      return
    }
    pass(begin(request, response, way.owner, way.streams), (exchange) =>
      upstreams.get(way.owner)?.forward(exchange, peerOf(request)),
    )
  }

  /** Begins to pass on. Whatever a caller sends that cannot be passed on ends its own call and no other. */
  function pass(exchange: Exchange, by: (exchange: Exchange) => void): void {
    try {
      if (state === 'closing' && exchange.streams) exchange.stop()
      else by(exchange)
    } catch (err) {
      exchange.failed(err)
    }
  }

  function upgrade(request: Request, socket: Duplex, head: Buffer): void {
    const way = route(request.method ?? '', request.url ?? '')
    const response = answerOn(request, socket)
    socket.on('error', () => socket.destroy())
    if (way.to === 'here') {
      handle(request, response)
      return
    }
    pass(begin(request, response, way.owner, true), (exchange) =>
      upstreams.get(way.owner)?.tunnel(exchange, { socket, head }, peerOf(request)),
    )
  }

  const port = createOnePort({
    ...options,
    handler: handle,
    upgrade: { takes: (request) => canUpgrade(request), serve: upgrade },
    onError: events.portError,
  })
  const part = takingTurns('public-port', {
    async start() {
      here.open()
      await port.open()
      state = 'open'
    },
    async stop() {
      state = 'closing'
      here.close()
      for (const exchange of open) if (exchange.streams) exchange.stop()
      await port.close(options.stopWithinMs)
      for (const upstream of upstreams.values()) upstream.close()
      state = 'closed'
    },
  })
  return { ...part, port: port.port, isOpen: () => state === 'open' }
}

/** Where a request came from. */
function peerOf({ socket }: Request): Peer {
  return {
    address: socket.remoteAddress ?? '',
    proto: 'encrypted' in socket && socket.encrypted === true ? 'https' : 'http',
  }
}

/** Only what has no body leaves HTTP here, and never for HTTP/2, which has its own way in. */
function canUpgrade({ method, headers }: Request): boolean {
  const hasBody = headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'
  const isHttp2 = /(?:^|[\s,])h2c?(?:$|[\s,])/i.test(headers.upgrade ?? '')
  return method === 'GET' && !hasBody && !isHttp2
}
