/**
 * A wire that can be damaged. It stands between a client and a server, passes bytes, and does what networks do:
 *  cut         every connection of now is reset; new ones pass
 *  refuse      the same, and new ones are reset as they come
 *  black hole  nothing passes any more in either direction, ends and resets included, while both sides see an open
 *              connection; what was sent passes after `heal`, as TCP would send it again
 *  slow        every chunk comes so much later
 */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface TcpProxy extends AsyncDisposable {
  /** The proxy's own port on 127.0.0.1. */
  readonly port: number
  /** How many connections are open now. */
  connections(): number
  cut(): void
  refuse(): void
  blackHole(): void
  slow(delayMs: number): void
  /** Passes bytes again, at once. */
  heal(): void
  close(): Promise<void>
}

/** Starts a proxy on 127.0.0.1 in front of another port. */
export async function createTcpProxy(target: { host?: string; port: number }): Promise<TcpProxy> {
  const pairs = new Set<readonly [client: Socket, server: Socket]>()
  let refusing = false
  let holding = false
  let delayMs = 0

  const listener = createServer({ allowHalfOpen: true }, (client) => {
    client.on('error', () => client.destroy())
    if (refusing) {
      client.resetAndDestroy()
      return
    }
    const server = connect({ host: target.host ?? '127.0.0.1', port: target.port, allowHalfOpen: true })
    server.on('error', () => server.destroy())
    pairs.add([client, server])
    forward(client, server)
    forward(server, client)
  })

  function forward(from: Socket, to: Socket): void {
    let last: Promise<void> | undefined
    const inOrder = (step: () => void) => {
      const due = pause(delayMs)
      last = Promise.resolve(last)
        .then(() => due)
        .then(step)
    }
    if (holding) from.pause()
    from.on('data', (chunk) => inOrder(() => to.destroyed || to.write(chunk)))
    from.on('end', () => inOrder(() => to.end()))
    from.on('close', () => holding || inOrder(() => closeOther(from, to)))
  }

  function closeOther(gone: Socket, other: Socket): void {
    if (gone.errored) other.resetAndDestroy()
    else other.destroySoon()
    for (const pair of pairs) if (pair.every((socket) => socket.destroyed)) pairs.delete(pair)
  }

  function cut(): void {
    for (const socket of [...pairs].flat()) socket.resetAndDestroy()
    pairs.clear()
  }

  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const close = async () => {
    cut()
    if (!listener.listening) return
    listener.close()
    await once(listener, 'close')
  }
  return {
    port: (listener.address() as AddressInfo).port,
    connections: () => pairs.size,
    cut,
    refuse() {
      refusing = true
      cut()
    },
    blackHole() {
      holding = true
      for (const socket of [...pairs].flat()) socket.pause()
    },
    slow(ms) {
      delayMs = ms
    },
    heal() {
      refusing = false
      holding = false
      delayMs = 0
      for (const [client, server] of pairs) {
        if (client.destroyed) closeOther(client, server)
        if (server.destroyed) closeOther(server, client)
        for (const socket of [client, server]) socket.resume()
      }
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

function pause(ms: number): Promise<void> | undefined {
  return ms > 0 ? new Promise((resolve) => setTimeout(resolve, ms)) : undefined
}
