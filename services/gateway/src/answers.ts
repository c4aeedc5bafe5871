// What the gateway says by itself, in the words of whoever asks: an error of the caller's protocol where the content type says
// which, else a problem (RFC 9457).

import { STATUS_CODES } from 'node:http'
import { type Refusal, toConnectError } from '@strait/service-kit/refusal'
import { discardRest } from '@strait/service-kit/rpc/discard-rest'
import { headerOf, type Request, type Response } from '@strait/service-kit/rpc/http-types'
import { protocolOf } from '@strait/service-kit/rpc/protocols'

const rpcType = /^application\/(?:json|proto|(?:connect|grpc|grpc-web)(?:\+(?:json|proto))?)$/

/** Answers a request with a refusal instead of passing it on. */
export function refuse(request: Request, response: Response, refusal: Refusal, status: number): void {
  const mediaType = mediaTypeOf(request)
  if (rpcType.test(mediaType) && request.url?.startsWith('/v1/') !== true)
    protocolOf(mediaType).fail(response, toConnectError(refusal), status)
  else sendProblem(response, refusal, status)
  discardRest(request, response)
}

/** Ends a stream of messages with an error, as the service itself would have; nothing of its answer is left out or half sent. */
export function endStream(request: Request, response: Response, refusal: Refusal): void {
  protocolOf(mediaTypeOf(request)).fail(response, toConnectError(refusal))
  discardRest(request, response)
}

function mediaTypeOf(request: Request): string {
  return headerOf(request, 'content-type')?.split(';')[0]?.trim().toLowerCase() ?? ''
}

function sendProblem(response: Response, { reason, message }: Refusal, status: number): void {
  const problem = { type: 'about:blank', title: STATUS_CODES[status], status, detail: message, reason }
  const body = Buffer.from(JSON.stringify(problem))
  const headers = { 'content-type': 'application/problem+json', 'content-length': body.length }
  response.writeHead(status, headers).end(body)
}
