import { CatalogInternalService } from '@strait/contracts/catalog/v1/catalog_internal_service_pb'
import { JobService } from '@strait/contracts/catalog/v1/job_service_pb'
import { RunService } from '@strait/contracts/dispatcher/v1/run_service_pb'
import { type CollectedLog, collectLog, type LogLine } from '@strait/testkit/collect-log'
import { createKeyVerifier, type VerifyKeys } from '../src/key-verifier.ts'
import { createOpsServer } from '../src/ops-server.ts'
import { startParts, stopParts } from '../src/part.ts'
import { Refusal } from '../src/refusal.ts'
import { createRpcServer, type RpcServerOptions } from '../src/rpc/rpc-server.ts'
import { type Call, type Methods, partOfService, rpcService } from '../src/rpc/rpc-service.ts'
import { createTelemetry } from '../src/telemetry.ts'

export const apiKey = 'strait_alice_secret'
export const serviceToken = 'the token of the services'
export const maxBodyBytes = 100_000

/** A real server with small methods, and what the test sees of it. */
export interface ServerBundle extends AsyncDisposable {
  readonly url: string
  readonly port: number
  readonly lines: readonly LogLine[]
  /** The calls that reached a method, oldest first. */
  readonly calls: readonly Call[]
  /** What /metrics says. */
  metrics(): Promise<string>
  stop(): Promise<void>
}

/** What a test puts in the place of what is there. */
export interface OwnMethods {
  readonly verifyKeys?: VerifyKeys
  readonly createJob?: Methods<typeof JobService>['createJob']
  readonly getJob?: Methods<typeof JobService>['getJob']
  readonly triggerJob?: Methods<typeof RunService>['triggerJob']
  readonly watchRun?: Methods<typeof RunService>['watchRun']
}

const alice = { actor: 'apikey:alice', projectId: 'p1', scopes: new Set(['admin']) }
const onlyAlice: VerifyKeys = async (keys) =>
  keys.map((key) => (key === apiKey ? { caller: alice, endsAt: undefined } : undefined))

/** Starts a server on a free port. */
export async function openServer(
  own: OwnMethods = {},
  options: Partial<RpcServerOptions> = {},
): Promise<ServerBundle> {
  const { log, lines } = collectLog()
  const telemetry = createTelemetry()
  const calls: Call[] = []
  const server = createRpcServer({
    host: '127.0.0.1',
    port: 0,
    services: smallServices(own, calls),
    serviceTokens: [serviceToken],
    keys: createKeyVerifier(own.verifyKeys ?? onlyAlice),
    log: log satisfies CollectedLog,
    meter: telemetry.meter,
    maxBodyBytes,
    maxInternalBodyBytes: 2 * maxBodyBytes,
    ...options,
  })
  const ops = createOpsServer({ host: '127.0.0.1', port: 0, ready: () => true, telemetry })
  await startParts([ops, server])
  const stop = async () => {
    await stopParts([ops, server])
    await telemetry.stop()
  }
  return {
    url: `http://127.0.0.1:${server.port()}`,
    port: server.port(),
    lines,
    calls,
    metrics: async () => (await fetch(`http://127.0.0.1:${ops.port()}/metrics`)).text(),
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

function smallServices(own: OwnMethods, calls: Call[]): RpcServerOptions['services'] {
  return [
    partOfService(JobService, {
      async createJob(request, call) {
        calls.push(call)
        return own.createJob?.(request, call) ?? { job: request.job }
      },
      async getJob(request, call) {
        calls.push(call)
        return own.getJob?.(request, call) ?? { job: { slug: request.job, projectId: call.caller.projectId } }
      },
    }),
    rpcService(RunService, {
      triggerJob: async (request, call) => own.triggerJob?.(request, call) ?? { run: { id: request.job } },
      async getRun({ run }) {
        throw new Refusal('RUN_NOT_FOUND', 'there is no such run', { metadata: { run } })
      },
      listAttempts: async () => ({}),
      async *watchRun(request, call) {
        calls.push(call)
        if (own.watchRun !== undefined) yield* own.watchRun(request, call)
        else for (let seq = request.afterSeq + 1; seq <= 3; seq++) yield { event: { seq } }
      },
    }),
    partOfService(CatalogInternalService, {
      verifyKeys: async ({ keys }) => ({ keys: keys.map((keyId) => ({ keyId })) }),
      getJobVersions: async () => ({}),
      getWebhookSecrets: async () => ({}),
    }),
  ]
}
