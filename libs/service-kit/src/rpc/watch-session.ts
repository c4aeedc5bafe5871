import type { ServerHttp2Session } from 'node:http2'

/**
 * Looks after an HTTP/2 session: it is closed when it had no use for a while, and cut when its peer no longer answers, so that
 * a peer that vanished does not keep its streams for ever.
 */
export function watchSession(session: ServerHttp2Session, everyMs: number): void {
  let open = 0
  let used = true
  let answered = true
  session.on('stream', (stream) => {
    open++
    used = true
    stream.once('close', () => open--)
  })
  const timer = setInterval(() => {
    if (!answered) return session.destroy()
    if (!used && open === 0) return session.close()
    used = false
    answered = false
    session.ping(() => {
      answered = true
    })
  }, everyMs).unref()
  session.once('close', () => clearInterval(timer))
  // What a peer does wrong ends its session and concerns nobody else.
  session.on('error', () => session.destroy())
}
