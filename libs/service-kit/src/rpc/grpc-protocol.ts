// gRPC: envelopes, and the end in HTTP/2's trailers. gRPC-Web: the same for callers that see no trailers, so they come as a
// last envelope, marked by a flag.

import type { ConnectError } from '@connectrpc/connect'
import { setTrailerStatus } from '@connectrpc/connect/protocol-grpc'
import { trailerFlag, trailerSerialize } from '@connectrpc/connect/protocol-grpc-web'
import { readGrpcTimeout } from './deadline.ts'
import { envelope } from './envelope.ts'
import { headerOf, type Request } from './http-types.ts'
import { framedProtocol, type Protocol } from './protocol.ts'

const encodingHeader = 'grpc-encoding'
const readTimeout = (request: Request) => readGrpcTimeout(headerOf(request, 'grpc-timeout'))
const headersOf = (contentType: string) => ({ 'content-type': contentType, 'grpc-accept-encoding': 'gzip' })

/** gRPC. */
export function grpc(contentType: string, json: boolean): Protocol {
  return framedProtocol(contentType, {
    json,
    encodingHeader,
    readTimeout,
    headers: headersOf(contentType),
    end(response, error) {
      response.addTrailers(Object.fromEntries(trailers(error)))
      response.end()
    },
  })
}

/** gRPC-Web. */
export function grpcWeb(contentType: string, json: boolean): Protocol {
  return framedProtocol(contentType, {
    json,
    encodingHeader,
    readTimeout,
    headers: headersOf(contentType),
    end: (response, error) => response.end(envelope(trailerFlag, trailerSerialize(trailers(error)))),
  })
}

function trailers(error: ConnectError | undefined): Headers {
  const headers = new Headers()
  setTrailerStatus(headers, error)
  return headers
}
