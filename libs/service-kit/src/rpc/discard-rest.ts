// An answer that goes out before the request has come in is easily lost: a socket that is closed on a caller who still sends
// answers with a reset, and the reset may overtake the answer. So the connection stays open for a moment and what comes is
// thrown away unread; only then it is cut. HTTP/2 can say it in so many words.

import { constants, type Http2ServerResponse } from 'node:http2'
import type { Request, Response } from './http-types.ts'

const patienceMs = 2_000

/** Gets rid of what is still to come of an answered request. */
export function discardRest(request: Request, response: Response): void {
  if (request.complete || request.destroyed) return
  if (request.httpVersionMajor === 2) {
    const { stream } = response as unknown as Http2ServerResponse
    stream.close(constants.NGHTTP2_NO_ERROR)
    return
  }
  const cut = setTimeout(() => request.destroy(), patienceMs).unref()
  request.once('close', () => clearTimeout(cut))
  request.resume()
}
