/**
 * A customer's endpoint: a real HTTP server on 127.0.0.1 that keeps everything it received, with the start and the end of
 * each call. An answer given late, never, or not at all is part of what an endpoint can do.
 */
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

export interface ReceivedRequest {
  readonly method: string
  /** Path and query, as sent. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
  /** The bytes as sent; empty until all have come. */
  readonly body: Buffer
  readonly startedAt: Date
  /** When the last byte of the answer was handed over or the connection was lost; undefined while the call is open. */
  readonly endedAt: Date | undefined
  /** True if the caller went away before it had the whole answer. */
  readonly aborted: boolean
}

/** What to answer: a response, `hang` to never answer, `reset` to break the connection. */
export type Answer =
  | { readonly status?: number; readonly headers?: Record<string, string>; readonly body?: unknown }
  | 'hang'
  | 'reset'

export type Handler = (request: ReceivedRequest) => Answer | Promise<Answer>

export interface Receiver extends AsyncDisposable {
  readonly url: string
  /** Every call in the order of its start, open ones too. */
  readonly requests: readonly ReceivedRequest[]
  /** The first request, received already or yet to come, of which this is true; looked at when its body is whole and at its end. */
  waitFor(predicate: (request: ReceivedRequest) => boolean, timeoutMs?: number): Promise<ReceivedRequest>
  /** Answers later calls in another way. */
  respond(handler: Handler): void
  close(): Promise<void>
}

type Draft = { -readonly [K in keyof ReceivedRequest]: ReceivedRequest[K] }

/** Starts an endpoint; without a handler it answers 200 `{"ok":true}`. */
export async function createReceiver(handler: Handler = () => ({ body: { ok: true } })): Promise<Receiver> {
  const requests: Draft[] = []
  const watchers = new Set<() => void>()
  let answer = handler

  const tell = () => {
    for (const watcher of [...watchers]) watcher()
  }
  const server = createServer(async (message, response) => {
    const request = begin(message)
    requests.push(request)
    response.once('close', () => {
      request.endedAt = new Date()
      request.aborted = !response.writableFinished
      tell()
    })
    try {
      request.body = await buffer(message)
      tell()
      give(response, await answer(request))
    } catch (error) {
      if (!response.destroyed) give(response, { status: 500, body: { error: String(error) } })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  const close = async () => {
    if (!server.listening) return
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    waitFor(predicate, timeoutMs = 10_000) {
      return new Promise((resolve, reject) => {
        const stopWatching = () => {
          clearTimeout(timer)
          watchers.delete(check)
        }
        const check = () => {
          const found = requests.find(predicate)
          if (!found) return
          stopWatching()
          resolve(found)
        }
        const timer = setTimeout(() => {
          stopWatching()
          const received = requests.map(({ method, path }) => `${method} ${path}`).join(', ') || 'nothing'
          reject(new Error(`no such request came in ${timeoutMs} ms; received: ${received}`))
        }, timeoutMs)
        watchers.add(check)
        check()
      })
    },
    respond(next) {
      answer = next
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

function begin({ method = '', url = '', headers }: IncomingMessage): Draft {
  return {
    method,
    path: url,
    headers,
    body: Buffer.alloc(0),
    startedAt: new Date(),
    endedAt: undefined,
    aborted: false,
  }
}

function give(response: ServerResponse, answer: Answer): void {
  if (answer === 'hang') return
  if (answer === 'reset') {
    response.socket?.resetAndDestroy()
    return
  }
  const { status = 200, headers = {}, body = '' } = answer
  const raw = typeof body === 'string' || Buffer.isBuffer(body)
  const type = raw ? {} : { 'content-type': 'application/json' }
  response.writeHead(status, { ...type, ...headers })
  response.end(raw ? body : JSON.stringify(body))
}
