// The RPC server of a service: every protocol and both versions of HTTP on one port.

import { type Part, takingTurns } from '../part.ts'
import { createOnePort, type PortTimes } from './one-port.ts'
import { createRpcHandler, type RpcHandlerOptions } from './rpc-handler.ts'
import type { TlsOptions } from './tls-door.ts'

/** What an RPC server is made of. */
export interface RpcServerOptions extends Omit<RpcHandlerOptions, 'behind'> {
  readonly host: string
  readonly port: number
  /** How long stop() lets calls under way finish. Default: 2,000. */
  readonly stopWithinMs?: number
  readonly times?: Partial<PortTimes>
  readonly tls?: TlsOptions
  /** Connections at most. Default: 20,000. */
  readonly maxConnections?: number
}

/** Serves all methods of the given services on one port. */
export function createRpcServer(options: RpcServerOptions): Part & { port(): number } {
  const handler = createRpcHandler(options)
  const port = createOnePort({
    ...options,
    handler: handler.handle,
    onError: (err) => options.log.error({ err }, 'the RPC port has trouble'),
  })
  const part = takingTurns('rpc-server', {
    async start() {
      handler.open()
      await port.open()
    },
    async stop() {
      handler.close()
      await port.close(options.stopWithinMs ?? 2_000)
    },
  })
  return { ...part, port: port.port }
}
