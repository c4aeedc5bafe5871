// The HTTP/2 sessions to one service: a few, used in turn, so that a service of several processes behind one address is not
// left to one of them; more when their streams are used up. A session gets no new streams when it is old, for the same reason,
// and when its peer says that it goes or no longer answers.

import type { ClientHttp2Stream, OutgoingHttpHeaders } from 'node:http2'
import { type Held, openSession, type SessionOptions } from './session.ts'

/** What a pool of sessions is made of. */
export interface SessionsOptions extends SessionOptions {
  /** Milliseconds after which a session gets no new streams. */
  readonly maxAgeMs: number
}

/** The sessions to one service. */
export interface Sessions {
  /** Opens a stream; undefined when it is no longer wanted by the time there is a session for it. */
  request(
    fields: OutgoingHttpHeaders,
    options: { readonly endStream: boolean },
    isWanted: () => boolean,
  ): Promise<ClientHttp2Stream | undefined>
  close(): void
}

const usual = 4
const most = 32

/** No session has room for another stream. */
export class SessionsFullError extends Error {
  override readonly name = 'SessionsFullError'
}

/** Makes a pool; nothing is connected before there is something to be passed on. */
export function createSessions(options: SessionsOptions): Sessions {
  const all = new Set<Held>()
  const usable: Held[] = []

  function retire(held: Held): void {
    const at = usable.indexOf(held)
    if (at >= 0) usable.splice(at, 1)
  }
  function open(): Held {
    const held = openSession(options)
    all.add(held)
    usable.push(held)
    held.session.once('goaway', () => retire(held))
    held.session.once('close', () => {
      retire(held)
      all.delete(held)
    })
    return held
  }
  function pick(): Held {
    for (const held of usable.filter(({ openedAt }) => performance.now() - openedAt > options.maxAgeMs)) {
      retire(held)
      held.session.close()
    }
    if (usable.length < usual) return open()
    const next = usable.find((held) => held.streams < roomOf(held))
    if (next !== undefined) {
      // Whoever was taken stands last in line.
      retire(next)
      usable.push(next)
      return next
    }
    if (usable.length < most) return open()
    throw new SessionsFullError('all sessions are full')
  }

  /** A connected session, with the stream that is to come counted in. */
  async function take(): Promise<Held> {
    for (;;) {
      const held = pick()
      held.streams++
      try {
        await held.ready
      } catch (err) {
        held.streams--
        throw err
      }
      // How many streams a session has room for is only known now; those who were too many look elsewhere.
      if (held.streams <= roomOf(held)) return held
      held.streams--
    }
  }

  return {
    async request(fields, { endStream }, isWanted) {
      const held = await take()
      const leave = () => {
        held.streams--
      }
      try {
        if (isWanted()) return held.session.request(fields, { endStream }).once('close', leave)
      } catch (err) {
        leave()
        throw err
      }
      leave()
      return undefined
    },
    close() {
      for (const { session } of all) session.destroy()
    },
  }
}

/** How many streams its peer takes; until it has said so, the least that HTTP/2 recommends. */
function roomOf({ session, isReady }: Held): number {
  return isReady ? (session.remoteSettings.maxConcurrentStreams ?? Number.POSITIVE_INFINITY) : 100
}
