// What the gateway says of a service by itself, in the words of whoever asks: a problem (RFC 9457) for REST, else an error of the
// caller's protocol. A web page may read it where it may read the service's own answers.

import type { Refusal } from '@strait/service-kit/refusal'
import type { Cors } from '@strait/service-kit/rpc/cors'
import { discardRest } from '@strait/service-kit/rpc/discard-rest'
import { headerOf, type Request, type Response } from '@strait/service-kit/rpc/http-types'
import { plain, protocolOf } from '@strait/service-kit/rpc/protocols'

/** How the gateway answers instead of a service. */
export interface Answers {
  /** Answers a request with a refusal and a status. */
  refuse(request: Request, response: Response, refusal: Refusal, status: number): void
  /** Ends a stream of messages with an error, as its service would have. */
  endStream(request: Request, response: Response, refusal: Refusal): void
}

/** Makes answers that these pages may read. */
export function createAnswers(cors: Cors): Answers {
  return {
    refuse(request, response, refusal, status) {
      if (cors(request, response)) return
      const isRest = request.url?.startsWith('/v1/') === true
      const protocol = isRest ? plain : protocolOf(mediaTypeOf(request))
      protocol.fail(response, refusal, status)
      discardRest(request, response)
    },
    endStream(request, response, refusal) {
      protocolOf(mediaTypeOf(request)).fail(response, refusal)
      discardRest(request, response)
    },
  }
}

function mediaTypeOf(request: Request): string {
  return headerOf(request, 'content-type')?.split(';')[0]?.trim().toLowerCase() ?? ''
}
