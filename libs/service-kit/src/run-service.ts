// What every main.ts does: read the configuration, put the service together, start it, and stop it on a signal.
// The process is never ended from here while it can end by itself: when all parts have stopped, nothing keeps it alive.

import type { KeyVerifier } from './key-verifier.ts'
import { StartError } from './listen.ts'
import { createLog, type Log, type LogLevel } from './log.ts'
import { createOpsServer } from './ops-server.ts'
import { type Part, startParts, stopParts } from './part.ts'
import { createRpcServer } from './rpc/rpc-server.ts'
import type { RpcService } from './rpc/rpc-service.ts'
import { createTelemetry, type Telemetry } from './telemetry.ts'

/** What a service's createApp gives: its doors in, its living parts in the order of their start, and whether it wants traffic. */
export interface App {
  readonly name: string
  readonly services: readonly RpcService[]
  readonly parts: readonly Part[]
  readonly keys: KeyVerifier
  ready(): boolean
}

/** What is handed to createApp besides its configuration. */
export interface AppContext {
  readonly log: Log
  readonly telemetry: Telemetry
}

/** The settings that running a service needs; every service has them. */
export interface RunConfig {
  readonly host: string
  readonly port: number
  readonly opsPort: number
  readonly logLevel: LogLevel
  readonly serviceToken: string
  readonly previousServiceToken: string | undefined
  readonly hardStopSecs: number
  readonly authFailuresPerMinute: number
  readonly trustedProxies: readonly string[]
}

/** What a service's main.ts hands over. */
export interface ServiceOptions<C extends RunConfig> {
  readonly name: string
  readonly config:
    | { readonly ok: true; readonly values: C }
    | { readonly ok: false; readonly problems: readonly string[] }
  readonly createApp: (config: C, context: AppContext) => App
}

/** Runs one service as a process of its own. */
export async function runService<C extends RunConfig>(options: ServiceOptions<C>): Promise<void> {
  const { name, config } = options
  const say = (sentence: string) => process.stderr.write(`${name}: ${sentence}\n`)
  if (!config.ok) {
    for (const problem of config.problems) say(problem)
    process.exitCode = 1
    return
  }
  const log = createLog(name, config.values.logLevel)
  const telemetry = createTelemetry()
  const stopping = new AbortController()
  let parts: readonly Part[] = []
  const stopped = onStopSignal(config.values.hardStopSecs, (signal) => {
    log.info({ signal }, 'stopping')
    stopping.abort()
  })
  try {
    const app = options.createApp(config.values, { log, telemetry })
    const doors = createDoors(config.values, app, { log, telemetry }, stopping.signal)
    parts = [doors.ops, ...app.parts, doors.rpc]
    await startParts(parts, stopping.signal)
    log.info({ port: doors.rpc.port(), ops_port: doors.ops.port() }, 'started')
    await stopped
  } catch (err) {
    // A start that a stop signal broke off did not fail.
    if (!stopping.signal.aborted) {
      process.exitCode = 1
      if (err instanceof StartError) say(err.message)
      else log.error({ err }, 'could not start')
    }
  }
  await stopParts(parts).catch((err: unknown) => log.error({ err }, 'not everything stopped cleanly'))
  await telemetry.stop().catch((err: unknown) => log.error({ err }, 'telemetry did not stop cleanly'))
  if (stopping.signal.aborted) log.info({}, 'stopped')
}

/** The two servers of a service: its calls, and its health and metrics. */
function createDoors(config: RunConfig, app: App, { log, telemetry }: AppContext, stopping: AbortSignal) {
  const { host, serviceToken, previousServiceToken } = config
  const ready = () => !stopping.aborted && app.ready()
  const ops = createOpsServer({ host, port: config.opsPort, telemetry, ready })
  const rpc = createRpcServer({
    host,
    port: config.port,
    services: app.services,
    serviceTokens: [serviceToken, previousServiceToken].filter((token) => token !== undefined),
    keys: app.keys,
    failuresPerMinute: config.authFailuresPerMinute,
    trustedProxies: config.trustedProxies,
    log,
    meter: telemetry.meter,
  })
  return { ops, rpc }
}

/** Resolves at the first stop signal; those after it change nothing. */
function onStopSignal(hardStopSecs: number, told: (signal: string) => void): Promise<void> {
  return new Promise((done) => {
    let first = true
    const heard = (signal: string) => {
      if (!first) return
      first = false
      // The last resort against a part that hangs; it keeps nothing alive by itself.
      setTimeout(() => process.exit(2), hardStopSecs * 1_000).unref()
      told(signal)
      done()
    }
    process.on('SIGTERM', heard)
    process.on('SIGINT', heard)
  })
}
