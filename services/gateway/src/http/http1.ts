// Requests over HTTP/1.1 are passed on over HTTP/1.1, on connections that are kept. Nothing is sent twice: a connection that
// breaks may have brought its request there.

import { Agent, type AgentOptions, type ClientRequestArgs, type IncomingMessage, request } from 'node:http'
import { type Peer, passAnswerHeaders, passRequestHeaders } from '../domain/headers.ts'
import type { Exchange } from '../exchange.ts'
import { openSocket, type SocketOptions } from './open-socket.ts'
import { pump } from './pump.ts'

/** How HTTP/1.1 reaches one service. */
export interface Http1Upstream {
  forward(exchange: Exchange, peer: Peer): void
  close(): void
}

// Services close what idles for 65 seconds: who closes first is never in doubt, so no request meets a closing connection.
const idleMs = 30_000
const pool: AgentOptions = { keepAlive: true, maxSockets: 4_096, maxFreeSockets: 256, timeout: idleMs }

/** Makes the way to a service; nothing is connected before there is something to be passed on. */
export function createHttp1Upstream(options: SocketOptions): Http1Upstream {
  const agent = new Agent(pool)
  agent.createConnection = () => openSocket(options, 'http/1.1')

  return {
    forward(exchange, peer) {
      const { request: incoming } = exchange
      const outgoing = request({ agent, ...lineAndHeaders(incoming, peer, options.origin.host) })
      let detach: (() => void) | undefined
      exchange.breakOffWith(() => {
        detach?.()
        outgoing.destroy()
      })
      outgoing.on('error', exchange.failed)
      outgoing.once('finish', exchange.sent)
      outgoing.once('response', (answer) => {
        passAnswer(answer, exchange)
        answer.once('end', () => {
          // What is still to come of an answered request is nobody's any more, and such a connection serves no other.
          detach?.()
          if (!outgoing.writableEnded) outgoing.destroy()
        })
      })
      if (!hasBody(incoming)) {
        outgoing.end()
        return
      }
      const end = () => void (outgoing.destroyed || outgoing.end())
      const stopPump = pump(incoming, outgoing)
      incoming.once('end', end)
      detach = () => {
        stopPump()
        incoming.off('end', end)
      }
    },
    close: () => agent.destroy(),
  }
}

/** The first line and the headers for the service, framed by us: what the caller's framing said has been taken off. */
function lineAndHeaders(incoming: IncomingMessage, peer: Peer, host: string): ClientRequestArgs {
  const headers = passRequestHeaders(incoming.rawHeaders, peer)
  if (incoming.headers['transfer-encoding'] !== undefined) headers.push('transfer-encoding', 'chunked')
  // HTTP/1.0 does not ask for one, and the service is not spoken to in that.
  if (incoming.headers.host === undefined) headers.push('host', host)
  return { method: incoming.method ?? '', path: incoming.url ?? '', headers }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'
}

/** Passes an answer on to its end. */
export function passAnswer(answer: IncomingMessage, exchange: Exchange): void {
  const { response, streams } = exchange
  const { statusCode = 0, statusMessage } = answer
  if (exchange.isOver()) return
  exchange.answering(statusCode, answer.headers['content-type'])
  response.writeHead(statusCode, statusMessage, passAnswerHeaders(answer.rawHeaders))
  if (streams) response.flushHeaders()
  answer.on('error', exchange.failed)
  pump(answer, response, exchange.passing)
  answer.once('end', () => {
    if (exchange.isOver()) return
    if (answer.rawTrailers.length > 0) response.addTrailers(pairs(answer.rawTrailers))
    response.end()
    exchange.answered()
  })
}

function pairs(raw: readonly string[]): [string, string][] {
  return raw.flatMap((name, i) => (i % 2 === 0 ? [[name, raw[i + 1] ?? ''] as [string, string]] : []))
}
