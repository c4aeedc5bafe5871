// One service behind the gateway, in every way that it is reached.

import type { Peer } from '../domain/headers.ts'
import type { Exchange } from '../exchange.ts'
import { createHttp1Upstream } from './http1.ts'
import { createHttp2Upstream } from './http2.ts'
import type { SocketOptions } from './open-socket.ts'
import { tunnel, type Upgrade } from './tunnel.ts'

/** A service behind. */
export interface Upstream {
  /** Passes a request on over the version of HTTP that it came over. */
  forward(exchange: Exchange, peer: Peer): void
  tunnel(exchange: Exchange, upgrade: Upgrade, peer: Peer): void
  /** Lets go of every connection. */
  close(): void
}

/** Where a service is and how patiently it is asked. Times in milliseconds. */
export interface UpstreamOptions extends SocketOptions {
  /** How often the peer of an HTTP/2 session must show that it is there while calls wait for it. */
  readonly pingEveryMs: number
  /** After which an HTTP/2 session gets no new calls. Default: 300,000. */
  readonly maxAgeMs?: number
}

/** Makes the ways to a service; nothing is connected before there is something to be passed on. */
export function createUpstream(options: UpstreamOptions): Upstream {
  const { origin, connectWithinMs, pingEveryMs, maxAgeMs = 300_000 } = options
  const http1 = createHttp1Upstream(options)
  const http2 = createHttp2Upstream({ origin, connectWithinMs, pingEveryMs, maxAgeMs })
  return {
    forward(exchange, peer) {
      const way = exchange.request.httpVersionMajor === 1 ? http1 : http2
      way.forward(exchange, peer)
    },
    tunnel: (exchange, upgrade, peer) => tunnel(exchange, upgrade, { origin, connectWithinMs, peer }),
    close() {
      http1.close()
      http2.close()
    },
  }
}
