// The connections of one origin: at most `connectionsPerOrigin`, the last used first so that the others fall
// idle and close, and the calls that wait for one, in their order.
//
// Invariants: a connection works for one call or is idle, never both; a waiting call has no connection, and
// none waits while a connection is idle or may still be opened; `idle` in the share is the sum over all
// pools. When neither connections nor calls are left, the pool says so and is forgotten.
import { Call, type CallOwner } from './call.ts'
import { Connection, type ConnectionOptions } from './connection.ts'
import type { EgressRequest, EgressResult } from './egress-result.ts'
import type { Target } from './open-socket.ts'
import { WaitLine } from './wait-line.ts'

export interface PoolOptions extends ConnectionOptions {
  readonly connectionsPerOrigin: number
  readonly maxIdleConnections: number
}

/** Shared by all pools of a client. */
export interface PoolShare {
  idle: number
  /** Connections being closed. */
  readonly closing: Set<Promise<void>>
  /** The pool of this origin has nothing left. */
  forget(origin: string): void
}

export class OriginPool implements CallOwner {
  readonly maxResponseBytes: number
  readonly #target: Target
  readonly #options: PoolOptions
  readonly #share: PoolShare
  readonly #connections = new Set<Connection>()
  readonly #idle: Connection[] = []
  readonly #waiting = new WaitLine<Call>()
  #serving = false

  constructor(target: Target, options: PoolOptions, share: PoolShare) {
    this.maxResponseBytes = options.maxResponseBytes
    this.#target = target
    this.#options = options
    this.#share = share
  }

  get size(): { readonly open: number; readonly idle: number; readonly waiting: number } {
    return { open: this.#connections.size, idle: this.#idle.length, waiting: this.#waiting.size }
  }

  /** Makes the call on an idle or new connection, or lets it wait for one. */
  start(request: EgressRequest, path: string, headers: string[]): Promise<EgressResult> {
    const options = { method: request.method, path, headers, body: request.body }
    const call = new Call(request, options, this)
    this.#waiting.add(call)
    this.#serve()
    return call.result
  }

  callEnded(call: Call, whole: boolean): void {
    const connection = call.connection
    if (connection === null) {
      this.#waiting.remove(call)
    } else {
      connection.call = null
      if (whole) this.#release(connection)
      else this.#drop(connection)
    }
    this.#serve()
  }

  /** Ends every call and closes every connection. */
  close(): void {
    const message = 'the client was closed'
    // The last first: a free connection never gets to serve one that is about to end.
    while (this.#waiting.last !== null) this.#waiting.last.fail('aborted', message)
    for (const { call } of [...this.#connections]) call?.fail('aborted', message)
    while (this.#idle.length > 0) this.#dropIdle(this.#idle.length - 1)
  }

  // A call may end while it is being dispatched and ask for the next one: that turn is this loop's.
  #serve(): void {
    if (this.#serving) return
    this.#serving = true
    while (this.#waiting.size > 0) {
      const connection = this.#takeIdle() ?? this.#openOne()
      if (connection === null) break
      const call = this.#waiting.take()
      if (call !== null) connection.dispatch(call)
    }
    this.#serving = false
  }

  #takeIdle(): Connection | null {
    while (this.#idle.length > 0) {
      const connection = this.#idle.at(-1)
      if (connection?.reusable()) {
        this.#idle.pop()
        this.#share.idle -= 1
        return connection
      }
      this.#dropIdle(this.#idle.length - 1)
    }
    return null
  }

  #openOne(): Connection | null {
    if (this.#connections.size >= this.#options.connectionsPerOrigin) return null
    const connection = new Connection(this.#target, this.#options, (lost) => {
      const index = this.#idle.indexOf(lost)
      if (index !== -1) this.#dropIdle(index)
    })
    this.#connections.add(connection)
    return connection
  }

  #release(connection: Connection): void {
    const wanted = this.#waiting.size > 0 || this.#share.idle < this.#options.maxIdleConnections
    if (wanted && connection.reusable()) {
      this.#idle.push(connection)
      this.#share.idle += 1
    } else {
      this.#drop(connection)
    }
  }

  #dropIdle(index: number): void {
    const [connection] = this.#idle.splice(index, 1)
    if (connection === undefined) return
    this.#share.idle -= 1
    this.#drop(connection)
  }

  #drop(connection: Connection): void {
    this.#connections.delete(connection)
    const closed = connection.destroy()
    this.#share.closing.add(closed)
    void closed.finally(() => this.#share.closing.delete(closed))
    if (this.#connections.size === 0 && this.#waiting.size === 0) this.#share.forget(this.#target.origin)
  }
}
