// One HTTP/2 session to a service, from its connection to its end, watched: a peer that vanished, or that stands still, must not
// keep its calls for ever.

import { type ClientHttp2Session, connect } from 'node:http2'
import { openSocket, type SocketOptions } from './open-socket.ts'

/** A session and what is known of it. */
export interface Held {
  readonly session: ClientHttp2Session
  /** Once the peer has shown that it speaks HTTP/2; fails when it does not, in time. */
  readonly ready: Promise<void>
  isReady: boolean
  readonly openedAt: number
  /** Streams that are open or about to be. */
  streams: number
}

/** How a session is opened. Times in milliseconds. */
export interface SessionOptions extends SocketOptions {
  /** How often a peer must show that it is there while calls wait for it. */
  readonly pingEveryMs: number
}

/** The peer of a session does not answer. */
export class SessionSilentError extends Error {
  override readonly name = 'SessionSilentError'
}

/** Opens a session. */
export function openSession(options: SessionOptions): Held {
  const { origin, connectWithinMs, pingEveryMs } = options
  const session = connect(origin, {
    createConnection: () => openSocket(options, 'h2'),
    settings: { enablePush: false },
    // In mebibytes: what a session keeps for its streams, most of it answers that their callers have not read yet.
    maxSessionMemory: 64,
  })
  const silent = () => session.destroy(new SessionSilentError('the session went silent'))
  const ready = new Promise<void>((done, fail) => {
    const timer = setTimeout(silent, connectWithinMs)
    session.once('remoteSettings', () => done())
    session.once('error', fail)
    session.once('close', () => fail(new SessionSilentError('the session was closed')))
    for (const event of ['remoteSettings', 'close']) session.once(event, () => clearTimeout(timer))
  })
  // Told to everybody who waits for it; with nobody waiting there is nobody to tell, and the next call opens another one.
  ready.catch(() => undefined)
  session.on('error', () => session.destroy())
  const held: Held = { session, ready, isReady: false, openedAt: performance.now(), streams: 0 }
  session.once('remoteSettings', () => {
    held.isReady = true
  })
  watch(held, pingEveryMs, silent)
  return held
}

function watch(held: Held, everyMs: number, silent: () => void): void {
  const { session } = held
  let answered = true
  const timer = setInterval(() => {
    if (!answered) return silent()
    if (held.streams === 0 || session.connecting) return
    answered = false
    session.ping(() => {
      answered = true
    })
  }, everyMs).unref()
  session.once('close', () => clearInterval(timer))
}
