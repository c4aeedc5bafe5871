// Requests over HTTP/2 are passed on over HTTP/2, stream by stream, with their trailers. A stream that the service refused
// unread, because it goes or is full, is asked for once more elsewhere, with the same bytes; nothing else is sent twice.

import { type ClientHttp2Stream, constants, type ServerHttp2Stream } from 'node:http2'
import { type Fields, type Peer, passAnswerFields, passRequestFields } from '../domain/headers.ts'
import { type Exchange, streamOf } from '../exchange.ts'
import { type KeptBody, keepBody } from './kept-body.ts'
import { pump } from './pump.ts'
import { createSessions, type SessionsOptions } from './sessions.ts'

const { NGHTTP2_CANCEL, NGHTTP2_FLAG_END_STREAM, NGHTTP2_NO_ERROR, NGHTTP2_REFUSED_STREAM } = constants

/** How HTTP/2 reaches one service. */
export interface Http2Upstream {
  forward(exchange: Exchange, peer: Peer): void
  close(): void
}

/** The service let go of a stream before its end. */
export class StreamBrokenError extends Error {
  override readonly name = 'StreamBrokenError'
}

/** Makes the way to a service. */
export function createHttp2Upstream(options: SessionsOptions): Http2Upstream {
  const sessions = createSessions(options)

  function forward(exchange: Exchange, peer: Peer): void {
    const caller = streamOf(exchange.response)
    const fields = {
      ...passRequestFields(exchange.request.headers, peer),
      ':scheme': options.origin.protocol.slice(0, -1),
    }
    const body = caller.endAfterHeaders ? undefined : keepBody(caller, exchange.sent)
    // A stream is let go of only when what it brought was taken, even where that is nothing.
    if (body === undefined) caller.resume()
    exchange.breakOffWith(() => body?.detach())
    const ask = async (again: boolean): Promise<void> => {
      const isWanted = () => !exchange.isOver()
      const stream = await sessions.request(fields, { endStream: body === undefined }, isWanted)
      if (stream === undefined) return
      const mayAskAgain = () => !again && (body === undefined || body.isWhole())
      carry(exchange, { caller, stream, body }, mayAskAgain, () => start(true))
    }
    const start = (again: boolean) => void ask(again).catch((err: unknown) => exchange.failed(err))
    start(false)
    if (body === undefined) exchange.sent()
  }
  return { forward, close: sessions.close }
}

/** The two streams of an exchange and the body between them. */
interface Streams {
  readonly caller: ServerHttp2Stream
  readonly stream: ClientHttp2Stream
  readonly body: KeptBody | undefined
}

function carry(
  exchange: Exchange,
  { caller, stream, body }: Streams,
  mayAskAgain: () => boolean,
  askAgain: () => void,
): void {
  let problem: unknown
  let isWhole = false
  exchange.breakOffWith(() => {
    body?.detach()
    stream.close(NGHTTP2_CANCEL)
  })
  stream.on('error', (err) => {
    problem = err
  })
  stream.once('response', (fields, flags) => {
    body?.release()
    passAnswer(exchange, { caller, stream }, fields, (flags & NGHTTP2_FLAG_END_STREAM) !== 0)
  })
  stream.once('end', () => {
    // Of a stream that was reset, too, Node says that it ended.
    if (stream.rstCode !== NGHTTP2_NO_ERROR || !caller.headersSent) return
    isWhole = true
    body?.detach()
    if (!stream.writableEnded) stream.close(NGHTTP2_CANCEL)
    caller.end()
    exchange.answered()
  })
  stream.once('close', () => {
    if (isWhole || exchange.isOver()) return
    if (stream.rstCode === NGHTTP2_REFUSED_STREAM && !caller.headersSent && mayAskAgain()) askAgain()
    else exchange.failed(problem ?? new StreamBrokenError(`the stream was closed with ${stream.rstCode}`))
  })
  body?.sendTo(stream)
}

function passAnswer(
  exchange: Exchange,
  { caller, stream }: Pick<Streams, 'caller' | 'stream'>,
  fields: Fields,
  isAll: boolean,
): void {
  if (exchange.isOver()) return
  exchange.answering(Number(fields[':status']), String(fields['content-type']))
  const passed = passAnswerFields(fields)
  if (isAll) {
    caller.respond(passed, { endStream: true })
    stream.resume()
    return
  }
  // Node's compatible answer sends the trailers that it is given; everything else goes past it.
  stream.once('trailers', (trailers) => exchange.response.addTrailers(trailersOf(trailers)))
  caller.respond(passed, { waitForTrailers: true })
  pump(stream, caller, exchange.passing)
}

function trailersOf(fields: Fields): Record<string, string> {
  return Object.fromEntries(
    Object.entries(passAnswerFields(fields)).map(([name, value]) => [name, String(value)]),
  )
}
