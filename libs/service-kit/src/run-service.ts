// What a service's main.ts does: its methods are served by an RPC server; how it starts and stops is every process's way.

import type { KeyVerifier } from './key-verifier.ts'
import type { Log } from './log.ts'
import type { Part } from './part.ts'
import { createRpcServer } from './rpc/rpc-server.ts'
import type { RpcService } from './rpc/rpc-service.ts'
import { type ProcessConfig, type ProcessContext, type ProcessOptions, runProcess } from './run-process.ts'
import { tlsOptions } from './shared-settings.ts'

/** What a service's createApp gives: its doors in, its living parts in the order of their start, and whether it wants traffic. */
export interface App {
  readonly name: string
  readonly services: readonly RpcService[]
  readonly parts: readonly Part[]
  readonly keys: KeyVerifier
  ready(): boolean
}

/** What is handed to createApp besides its configuration. */
export type AppContext = ProcessContext

/** The settings that running a service needs; every service has them. */
export interface RunConfig extends ProcessConfig {
  readonly port: number
  readonly tlsCertFile: string | undefined
  readonly tlsKeyFile: string | undefined
  readonly tlsPlaintext: 'refused' | 'allowed'
  readonly corsOrigins: readonly string[]
  readonly serviceToken: string
  readonly previousServiceToken: string | undefined
  readonly authFailuresPerMinute: number
  readonly trustedProxies: readonly string[]
}

/** What a service's main.ts hands over. */
export interface ServiceOptions<C extends RunConfig> {
  readonly name: string
  readonly config: ProcessOptions<C>['config']
  readonly createApp: (config: C, context: AppContext) => App
}

/** Runs one service as a process of its own. */
export async function runService<C extends RunConfig>(options: ServiceOptions<C>): Promise<void> {
  const { name, config, createApp } = options
  await runProcess({
    name,
    config,
    create(values, context) {
      const app = createApp(values, context)
      return { parts: app.parts, door: createDoor(values, app, context), ready: () => app.ready() }
    },
  })
}

function createDoor(config: RunConfig, app: App, context: AppContext) {
  const { services, keys, ready } = app
  return createRpcServer({ ...rpcServerOptions(config, context), services, keys, ready })
}

/** What the settings of a service say of its RPC server. */
export function rpcServerOptions(config: RunConfig, { log, telemetry }: AppContext) {
  const { serviceToken, previousServiceToken } = config
  const tls = tlsOptions(config)
  return {
    host: config.host,
    port: config.port,
    serviceTokens: [serviceToken, previousServiceToken].filter((token) => token !== undefined),
    failuresPerMinute: config.authFailuresPerMinute,
    trustedProxies: config.trustedProxies,
    corsOrigins: config.corsOrigins,
    ...(tls && { tls: { ...tls, onRenewed: (problem?: Error) => sayRenewed(log, problem) } }),
    log,
    meter: telemetry.meter,
  }
}

function sayRenewed(log: Log, problem: Error | undefined): void {
  if (problem === undefined) log.info({}, 'the certificate was renewed')
  else log.warn({ err: problem }, 'the changed certificate cannot be used; the one before stays')
}
