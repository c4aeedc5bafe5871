// A request to upgrade: once the service agrees, bytes pass both ways as they come, and so do the ends of either direction. If it
// does not agree, its answer is passed on like any other, and the connection ends with it.

import { type IncomingMessage, request, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type Peer, passRequestHeaders } from '../domain/headers.ts'
import type { Exchange } from '../exchange.ts'
import { passAnswer } from './http1.ts'
import { openSocket, type SocketOptions } from './open-socket.ts'
import { pump } from './pump.ts'

/** What of the new protocol came with the request, and the connection that it is to come over. */
export interface Upgrade {
  readonly socket: Duplex
  readonly head: Buffer
}

/** An ordinary answer for a request whose connection has left HTTP; the connection ends with it. */
export function answerOn(incoming: IncomingMessage, socket: Duplex): ServerResponse {
  const response = new ServerResponse(incoming)
  response.shouldKeepAlive = false
  response.assignSocket(socket as Socket)
  response.once('finish', () => socket.end())
  return response
}

/** Asks a service to upgrade and, when it does, leaves the connection to the two of them. */
export function tunnel(
  exchange: Exchange,
  { socket, head }: Upgrade,
  to: SocketOptions & { readonly peer: Peer },
): void {
  const { request: incoming, response } = exchange
  const headers = passRequestHeaders(incoming.rawHeaders, to.peer)
  headers.push('connection', 'upgrade', 'upgrade', incoming.headers.upgrade ?? '')
  const outgoing = request({
    method: incoming.method ?? '',
    path: incoming.url ?? '',
    headers,
    createConnection: () => openSocket(to, 'http/1.1', true),
  })
  exchange.breakOffWith(() => outgoing.destroy())
  outgoing.on('error', exchange.failed)
  outgoing.once('response', (answer) => passAnswer(answer, exchange))
  outgoing.once('upgrade', (answer, upstream, upstreamHead) => {
    exchange.breakOffWith(() => {
      upstream.destroy()
      socket.destroy()
    })
    exchange.answering(101, undefined)
    response.detachSocket(socket as Socket)
    socket.write(switchingHead(answer))
    socket.write(upstreamHead)
    upstream.write(head)
    join(socket, upstream)
    socket.once('close', () => exchange.answered())
  })
  outgoing.end()
}

function switchingHead({ statusMessage, rawHeaders }: IncomingMessage): string {
  const lines = rawHeaders.flatMap((name, i) => (i % 2 === 0 ? [`${name}: ${rawHeaders[i + 1]}`] : []))
  return `${[`HTTP/1.1 101 ${statusMessage}`, ...lines].join('\r\n')}\r\n\r\n`
}

/** Passes bytes and ends both ways; when one side breaks off, so does the other. */
function join(one: Duplex, other: Duplex): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    pump(from, to)
    from.once('end', () => to.end())
    from.on('error', () => to.destroy())
    from.once('close', () => (from.errored === null ? undefined : to.destroy()))
    from.resume()
  }
}
