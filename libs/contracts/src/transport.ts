import type { Interceptor, Transport } from '@connectrpc/connect'
import {
  compressionGzip,
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from '@connectrpc/connect-node'

/** How messages travel to a service, which speaks all of these on one port. */
export interface Wire {
  readonly protocol: 'connect' | 'grpc' | 'grpc-web'
  /** gRPC is always over HTTP/2. */
  readonly httpVersion: '1.1' | '2'
  readonly form: 'json' | 'binary'
  /** Whether requests are compressed. */
  readonly compress: boolean
}

/** What the services use among themselves. */
const defaultWire: Wire = { protocol: 'connect', httpVersion: '1.1', form: 'binary', compress: false }

/** A way to one address over the given wire; what is left out is as the services do it. */
export function createTransport(options: {
  readonly baseUrl: string
  readonly wire?: Partial<Wire>
  readonly interceptors?: Interceptor[]
  readonly defaultTimeoutMs?: number
}): Transport {
  const { wire, ...common } = options
  const { protocol, httpVersion, form, compress } = { ...defaultWire, ...wire }
  const compression = compress ? { sendCompression: compressionGzip, compressMinBytes: 0 } : {}
  const own = { ...common, ...compression, useBinaryFormat: form === 'binary' }
  switch (protocol) {
    case 'connect':
      return createConnectTransport({ ...own, httpVersion })
    case 'grpc':
      return createGrpcTransport(own)
    case 'grpc-web':
      return createGrpcWebTransport({ ...own, httpVersion })
  }
}
