// grpc.health.v1: what gRPC clients and keepers of processes ask to know whether a port is well. It says the same as /readyz.

import {
  Health,
  HealthCheckResponse_ServingStatus as Status,
} from '@strait/contracts/grpc/health/v1/health_pb'
import { Refusal } from '../refusal.ts'
import { openService, type RpcService } from './rpc-service.ts'

const lookEveryMs = 1_000

/** Answers for the whole process under the empty name, and for each of these services under its own. */
export function healthService(names: readonly string[], ready: () => boolean): RpcService {
  const known = new Set(['', ...names])
  const now = () => (ready() ? Status.SERVING : Status.NOT_SERVING)
  return openService(Health, {
    async check({ service }) {
      if (!known.has(service))
        throw new Refusal('SERVICE_NOT_FOUND', 'there is no such service here', { metadata: { service } })
      return { status: now() }
    },
    list: async () => ({
      statuses: Object.fromEntries(Array.from(known, (name) => [name, { status: now() }])),
    }),
    async *watch({ service }, { signal }) {
      let told: Status | undefined
      while (!signal.aborted) {
        const status = known.has(service) ? now() : Status.SERVICE_UNKNOWN
        if (status !== told) yield { status }
        told = status
        await pause(lookEveryMs, signal)
      }
    },
  })
}

/** Waits for a time, or for the end of the call. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      done()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end)
    if (signal.aborted) end()
  })
}
