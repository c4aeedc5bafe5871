// A connection to a service behind, or the news within bounded time that there is none to be had.

import { connect, type NetConnectOpts, type Socket } from 'node:net'

/** A service did not take a connection in time. */
export class ConnectTimeoutError extends Error {
  override readonly name = 'ConnectTimeoutError'
}

const unreachable = new Set(
  'ECONNREFUSED ENOTFOUND EAI_AGAIN EHOSTUNREACH ENETUNREACH ETIMEDOUT EADDRNOTAVAIL'.split(' '),
)

/** Connects; what does not answer in time fails with a ConnectTimeoutError. */
export function openSocket(to: NetConnectOpts, withinMs: number): Socket {
  const socket = connect({ ...to, noDelay: true, keepAlive: true, keepAliveInitialDelay: 10_000 })
  const late = () => socket.destroy(new ConnectTimeoutError(`not connected within ${withinMs} ms`))
  const timer = setTimeout(late, withinMs)
  for (const event of ['connect', 'close']) socket.once(event, () => clearTimeout(timer))
  return socket
}

/** Whether something failed because no connection came about: nothing was sent then. */
export function isUnreachable(err: unknown): boolean {
  if (err instanceof ConnectTimeoutError) return true
  return err instanceof Error && 'code' in err && unreachable.has(String(err.code))
}
