// A connection to a service behind, or the news within bounded time that there is none to be had.

import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

/** A service did not take a connection in time. */
export class ConnectTimeoutError extends Error {
  override readonly name = 'ConnectTimeoutError'
}

/** How a service is reached. */
export interface SocketOptions {
  readonly origin: URL
  readonly connectWithinMs: number
}

const unreachable = new Set(
  'ECONNREFUSED ENOTFOUND EAI_AGAIN EHOSTUNREACH ENETUNREACH ETIMEDOUT EADDRNOTAVAIL'.split(' '),
)
/** What comes of a handshake with somebody else than who was meant. */
const notTrusted = /CERT|^ERR_TLS_|^ERR_SSL_|^UNABLE_TO_/

/** Connects, in TLS where the origin says so; what does not answer in time fails with a ConnectTimeoutError. */
export function openSocket(
  { origin, connectWithinMs }: SocketOptions,
  alpn: 'http/1.1' | 'h2',
  allowHalfOpen = false,
): Socket {
  // An address of IPv6 stands in brackets in a URL.
  const host = origin.hostname.replace(/^\[|\]$/g, '')
  const isTls = origin.protocol === 'https:'
  const to = { host, port: Number(origin.port || (isTls ? 443 : 80)), noDelay: true, allowHalfOpen }
  const alive = { keepAlive: true, keepAliveInitialDelay: 10_000 }
  const named = isIP(host) === 0 ? { servername: host } : {}
  const socket = isTls
    ? connectTls({ ...to, ...alive, ...named, ALPNProtocols: [alpn] })
    : connect({ ...to, ...alive })
  const late = () => socket.destroy(new ConnectTimeoutError(`not connected within ${connectWithinMs} ms`))
  const timer = setTimeout(late, connectWithinMs)
  for (const event of [isTls ? 'secureConnect' : 'connect', 'close'])
    socket.once(event, () => clearTimeout(timer))
  return socket
}

/** Whether something failed because no connection came about: nothing was sent then. */
export function isUnreachable(err: unknown): boolean {
  if (err instanceof ConnectTimeoutError) return true
  if (!(err instanceof Error && 'code' in err)) return false
  const code = String(err.code)
  return unreachable.has(code) || notTrusted.test(code)
}
