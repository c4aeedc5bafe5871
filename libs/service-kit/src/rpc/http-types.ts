import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'

/**
 * A request over HTTP/1.1, or over HTTP/2 through Node's compatibility layer, which is its own class but takes and gives the
 * same wherever the doors look.
 */
export type Request = IncomingMessage
/** The answer to either. */
export type Response = ServerResponse

/** A request header as one string. */
export function headerOf(request: Request, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value.join(', ') : value
}

/** The type of a body without its parameters, in lower case; empty where none is given. */
export function mediaTypeOf(contentType: string | undefined): string {
  return (contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
}

/** Whether a request brings a body, as far as its headers say. */
export function hasBody(request: Request): boolean {
  const length = headerOf(request, 'content-length')
  if (length !== undefined) return length !== '0'
  if (request.httpVersionMajor === 1) return headerOf(request, 'transfer-encoding') !== undefined
  return !(request as unknown as Http2ServerRequest).stream.endAfterHeaders
}
