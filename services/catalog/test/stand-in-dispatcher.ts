import { DispatcherInternalService } from '@strait/contracts/dispatcher/v1/dispatcher_internal_service_pb'
import { noKeys } from '@strait/service-kit/key-verifier'
import { createLog } from '@strait/service-kit/log'
import { startParts, stopParts } from '@strait/service-kit/part'
import { createRpcServer } from '@strait/service-kit/rpc/rpc-server'
import { partOfService } from '@strait/service-kit/rpc/rpc-service'
import { createTelemetry } from '@strait/service-kit/telemetry'
import { serviceToken } from './app-bundle.ts'

/** How many runs a job has, as the dispatcher would count them. */
export type Count = (jobId: string) => Promise<{ readonly waiting: bigint; readonly executing: bigint }>

/** A real server that answers CountRuns in the dispatcher's place. */
export async function standInDispatcher(count: Count): Promise<AsyncDisposable & { readonly url: string }> {
  const telemetry = createTelemetry()
  const rpc = createRpcServer({
    host: '127.0.0.1',
    port: 0,
    services: [
      partOfService(DispatcherInternalService, {
        countRuns: async ({ jobIds }) => ({ counts: await Promise.all(jobIds.map(count)) }),
      }),
    ],
    serviceTokens: [serviceToken],
    keys: noKeys,
    log: createLog('dispatcher', 'silent'),
    meter: telemetry.meter,
  })
  await startParts([rpc])
  return {
    url: `http://127.0.0.1:${rpc.port()}`,
    async [Symbol.asyncDispose]() {
      await stopParts([rpc])
      await telemetry.stop()
    },
  }
}
