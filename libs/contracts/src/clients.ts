// Typed clients of the services' RPC, for services that call each other and for tests.

import type { DescService } from '@bufbuild/protobuf'
import { type Client, createClient } from '@connectrpc/connect'
import { createConnectTransport } from '@connectrpc/connect-node'

/** How to reach a service: where it listens, and the bearer that opens it (an API key, or the service token for internal services). */
export interface Target {
  readonly baseUrl: string
  readonly bearer?: string | undefined
  /** How long a call may take; `none` is for streams that follow something. Default 10,000. */
  readonly timeoutMs?: number | 'none'
}

/** A client of one service over Connect with binary messages. */
export function createServiceClient<S extends DescService>(service: S, target: Target): Client<S> {
  const { baseUrl, bearer, timeoutMs = 10_000 } = target
  const transport = createConnectTransport({
    httpVersion: '1.1',
    baseUrl,
    useBinaryFormat: true,
    defaultTimeoutMs: timeoutMs === 'none' ? undefined : timeoutMs,
    interceptors: [
      (next) => (request) => {
        if (bearer !== undefined) request.header.set('authorization', `Bearer ${bearer}`)
        return next(request)
      },
    ],
  })
  return createClient(service, transport)
}
