// An answer that goes out before its request has come in is easily lost: a socket that is closed on a caller who still sends
// answers with a reset, and so does an HTTP/2 stream; the reset may overtake the answer. So for a moment everything stays
// open, and what comes is thrown away unread. Only then it is cut.

import { constants, type Http2ServerResponse } from 'node:http2'
import type { Request, Response } from './http-types.ts'

const patienceMs = 2_000

/** Gets rid of what is still to come of an answered request. */
export function discardRest(request: Request, response: Response): void {
  if (request.complete || request.destroyed) return
  const cut = setTimeout(() => {
    if (request.httpVersionMajor === 1) request.destroy()
    else (response as unknown as Http2ServerResponse).stream.close(constants.NGHTTP2_NO_ERROR)
  }, patienceMs).unref()
  request.once('close', () => clearTimeout(cut))
  request.resume()
}
