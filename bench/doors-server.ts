// The server side of the doors scenario, a process of its own: the RPC server of a service with a TriggerJob that answers a
// whole run from memory, and beside it a bare node:http server that reads as much and writes as much and decodes nothing. Its
// parent asks over IPC what CPU it has used.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { timestampFromDate } from '@bufbuild/protobuf/wkt'
import { RunStatus, TriggeredBy } from '@strait/contracts/dispatcher/v1/run_pb'
import { RunService } from '@strait/contracts/dispatcher/v1/run_service_pb'
import { createKeyVerifier } from '@strait/service-kit/key-verifier'
import { createLog } from '@strait/service-kit/log'
import { createRpcServer } from '@strait/service-kit/rpc/rpc-server'
import { rpcService } from '@strait/service-kit/rpc/rpc-service'
import { createTelemetry } from '@strait/service-kit/telemetry'

const at = timestampFromDate(new Date('2026-01-02T03:04:05.678Z'))
const id = '019b7a3c-6d1e-7c3f-9a55-0123456789ab'
const caller = { actor: 'apikey:bench', projectId: id, scopes: new Set(['admin']) }

const server = createRpcServer({
  host: '127.0.0.1',
  port: 0,
  services: [
    rpcService(RunService, {
      triggerJob: async ({ payload = '{}', idempotencyKey, metadata }) => ({
        run: {
          id,
          projectId: id,
          jobId: id,
          jobSlug: 'bench',
          triggeredVersion: 1,
          triggeredVersionId: 'ver_0123456789',
          status: RunStatus.QUEUED,
          payload,
          metadata,
          idempotencyKey,
          triggeredBy: TriggeredBy.MANUAL,
          createdBy: caller.actor,
          scheduledAt: at,
          createdAt: at,
          traceId: '0123456789abcdef0123456789abcdef',
        },
      }),
      getRun: async () => ({}),
      listAttempts: async () => ({}),
      async *watchRun() {
        // Nothing to watch.
      },
    }),
  ],
  serviceTokens: [],
  keys: createKeyVerifier(async (keys) => keys.map(() => ({ caller, endsAt: undefined }))),
  log: createLog('bench', 'error'),
  meter: createTelemetry().meter,
})
await server.start()

const answer = Buffer.alloc(700, 0x20)
const bare = createServer((request, response) => {
  request.resume()
  request.on('end', () =>
    response
      .writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length })
      .end(answer),
  )
})
await new Promise<void>((done) => bare.listen(0, '127.0.0.1', done))

process.on('message', () => process.send?.(process.cpuUsage()))
process.on('disconnect', () => process.exit())
process.send?.({ port: server.port(), barePort: (bare.address() as AddressInfo).port })
