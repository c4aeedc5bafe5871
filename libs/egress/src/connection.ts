// One connection of an origin: an undici Client, which is one socket and one request at a time, with a
// connector that is ours. The Client makes a new socket by the same connector, guard included, if the server
// closed the old one between two calls.
import type { Socket } from 'node:net'
import { Client } from 'undici'
import type { Call } from './call.ts'
import { EgressError } from './egress-result.ts'
import { type DialOptions, openSocket, type Target } from './open-socket.ts'

export interface ConnectionOptions extends DialOptions {
  readonly maxHeaderBytes: number
  readonly maxResponseBytes: number
  readonly maxConnectionAgeMs: number
}

export class Connection {
  /** The call it works for, null while it is idle: the pool's to clear. */
  call: Call | null = null
  readonly #client: Client
  readonly #options: ConnectionOptions
  readonly #cancel = new AbortController()
  #socket: Socket | null = null
  #openedAt = 0
  #bytesBefore = 0

  /** `onLost` is told whenever the socket is gone, in use or not. */
  constructor(target: Target, options: ConnectionOptions, onLost: (connection: Connection) => void) {
    this.#options = options
    this.#client = new Client(target.origin, {
      connect: (_, callback) => {
        openSocket(target, options, this.#cancel.signal).then(
          (socket) => callback(null, this.#adopt(socket)),
          (error) => callback(error, null),
        )
      },
      pipelining: 1,
      allowH2: false,
      useMilo: false,
      // The call's own deadline is the only one: these would start anew with every chunk.
      headersTimeout: 0,
      bodyTimeout: 0,
      maxHeaderSize: options.maxHeaderBytes,
      keepAliveTimeout: 4_000,
      keepAliveMaxTimeout: Math.max(1, options.maxConnectionAgeMs),
    })
    this.#client.on('disconnect', () => onLost(this))
  }

  dispatch(call: Call): void {
    this.call = call
    call.connection = this
    this.#client.dispatch(call.options, call)
  }

  /** A request is about to be written: what is read from here on is its answer. */
  requestStarts(): void {
    this.#bytesBefore = this.#socket?.bytesRead ?? 0
  }

  /** Whether another call may use it: open, young enough, and nothing of the last request left to be written. */
  reusable(): boolean {
    const socket = this.#socket
    if (socket === null || socket.destroyed || socket.writableLength > 0) return false
    return performance.now() - this.#openedAt < this.#options.maxConnectionAgeMs
  }

  /** Closes the socket, or stops it from being opened; done when it is closed. */
  async destroy(): Promise<void> {
    this.#cancel.abort()
    this.#socket?.destroy()
    // Often called from within one of the Client's own callbacks: let it come to its end first.
    await Promise.resolve()
    await this.#client.destroy()
  }

  #adopt(socket: Socket): Socket {
    this.#socket = socket
    this.#openedAt = performance.now()
    this.#bytesBefore = 0
    // The limits on headers and body leave ways to send without end: informational answers, chunk
    // extensions, a status line. Eight bytes of framing for each of the body is more than anyone needs.
    const maxWireBytes = this.#options.maxHeaderBytes * 4 + this.#options.maxResponseBytes * 8
    socket.on('readable', () => {
      if (socket.bytesRead - this.#bytesBefore <= maxWireBytes) return
      socket.destroy(new EgressError('protocol', 'the answer is longer on the wire than it can be'))
    })
    return socket
  }
}
