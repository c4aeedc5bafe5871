// One request on its way through: from its arrival until its answer was passed on, or one of the two sides went away. Whichever
// side ends early, the other one hears of it at once. An answer that had begun when its service broke off is cut, never ended:
// half of it must not look like all of it. Only a stream that stands between two messages can be told why it ends.

import { constants, type ServerHttp2Stream } from 'node:http2'
import { TLSSocket } from 'node:tls'
import { Refusal } from '@strait/service-kit/refusal'
import { discardRest } from '@strait/service-kit/rpc/discard-rest'
import type { Request, Response } from '@strait/service-kit/rpc/http-types'
import type { Answers } from './answers.ts'
import { type EnvelopeWatch, isEnveloped, watchEnvelopes } from './domain/envelopes.ts'
import { isUnreachable } from './http/open-socket.ts'

/** Why a service gave no answer, or not all of it. */
export type Failure = 'unreachable' | 'broken off' | 'silent'

/** How an exchange ended. */
export type End =
  | { readonly how: 'answered'; readonly status: number }
  | { readonly how: 'caller left' | 'stopped' }
  | { readonly how: 'failed'; readonly why: Failure; readonly err: unknown }

/** One request on its way through. */
export interface Exchange {
  readonly request: Request
  readonly response: Response
  /** Whether its answer may go on for as long as its caller likes. */
  readonly streams: boolean
  /** The service's side: how it is broken off. A later one takes the place of the one before. */
  breakOffWith(breakOff: () => void): void
  isOver(): boolean
  /** The whole request was passed on: from here on the answer has to come in time. */
  sent(): void
  /** The headers of the answer came. */
  answering(status: number, contentType: string | undefined): void
  /** Bytes of the answer are passed on. */
  passing(chunk: Buffer): void
  /** The answer is passed on to its end. */
  answered(): void
  failed(err: unknown): void
  /** The gateway stops, and this would hold it open. */
  stop(): void
}

/** Begins with the arrival of a request. */
export function beginExchange(
  request: Request,
  response: Response,
  options: {
    readonly streams: boolean
    readonly answerWithinMs: number
    readonly answers: Answers
    ended(end: End): void
  },
): Exchange {
  const { answers } = options
  let over = false
  let status = 0
  let breakOff: (() => void) | undefined
  let waiting: NodeJS.Timeout | undefined
  let watch: EnvelopeWatch | undefined

  function end(end: End): void {
    over = true
    clearTimeout(waiting)
    response.off('close', left)
    options.ended(end)
  }
  function left(): void {
    if (over) return
    breakOff?.()
    end({ how: 'caller left' })
  }
  function giveUp(as: End): void {
    if (over) return
    breakOff?.()
    if (status === 0 && !response.headersSent) answers.refuse(request, response, unavailable(as), 503)
    else if (watch?.isBetweenMessages()) answers.endStream(request, response, unavailable(as))
    else cut(response)
    end(as)
  }
  response.once('close', left)

  return {
    request,
    response,
    streams: options.streams,
    breakOffWith(next) {
      breakOff = next
    },
    isOver: () => over,
    sent() {
      if (over || status > 0 || options.streams) return
      const late = () => giveUp({ how: 'failed', why: 'silent', err: undefined })
      waiting = setTimeout(late, options.answerWithinMs)
    },
    answering(code, contentType) {
      status = code
      clearTimeout(waiting)
      if (options.streams && code === 200 && isEnveloped(contentType ?? '')) watch = watchEnvelopes()
    },
    passing: (chunk) => watch?.pass(chunk),
    answered() {
      if (over) return
      if (!isRead(request, response)) discardRest(request, response)
      end({ how: 'answered', status })
    },
    failed: (err) => giveUp({ how: 'failed', why: isUnreachable(err) ? 'unreachable' : 'broken off', err }),
    stop: () => giveUp({ how: 'stopped' }),
  }
}

function unavailable({ how }: End): Refusal {
  return how === 'stopped'
    ? new Refusal('UNAVAILABLE', 'the gateway stops, connect again')
    : new Refusal('UNAVAILABLE', 'the service that answers this is not there right now, try again')
}

/** Whether all of a request was taken. Over HTTP/2 it is taken from the stream, of which the request itself knows nothing. */
function isRead(request: Request, response: Response): boolean {
  if (request.httpVersionMajor === 1) return request.complete
  const { endAfterHeaders, readableEnded } = streamOf(response)
  return endAfterHeaders || readableEnded
}

/** Breaks an answer off so that nobody takes it for whole. */
function cut(response: Response): void {
  if (response.req.httpVersionMajor === 1) {
    const { socket } = response
    // A reset: where only the end of the connection ends an answer, an orderly end would look like it. In TLS there is none.
    if (socket !== null && !(socket instanceof TLSSocket)) socket.resetAndDestroy()
    response.destroy()
    return
  }
  streamOf(response).close(constants.NGHTTP2_INTERNAL_ERROR)
}

/** The stream under an HTTP/2 answer. */
export function streamOf(response: Response): ServerHttp2Stream {
  return (response as unknown as { readonly stream: ServerHttp2Stream }).stream
}
