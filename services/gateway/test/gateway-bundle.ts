// A gateway and what stands behind it: real ports, and a service whose every answer the test gives by hand.

import type { EventEmitter } from 'node:events'
import { createOpsServer } from '@strait/service-kit/ops-server'
import { type Part, startParts, stopParts } from '@strait/service-kit/part'
import type { Request, Response } from '@strait/service-kit/rpc/http-types'
import { createOnePort, type OnePort } from '@strait/service-kit/rpc/one-port'
import type { TlsOptions } from '@strait/service-kit/rpc/tls-door'
import { createTelemetry } from '@strait/service-kit/telemetry'
import { type CollectedLog, collectLog, type LogLine } from '@strait/testkit/collect-log'
import { freePort } from '@strait/testkit/free-port'
import { createApp } from '../src/app.ts'
import { readConfig } from '../src/config.ts'

export const getJob = '/strait.catalog.v1.JobService/GetJob'
export const getRun = '/strait.dispatcher.v1.RunService/GetRun'
export const watchRun = '/strait.dispatcher.v1.RunService/WatchRun'

/** Answers a request that came through. */
export type Handler = (request: Request, response: Response) => void | Promise<void>

/** A service behind, with what reached it. */
export interface Behind extends AsyncDisposable {
  readonly port: number
  readonly seen: readonly Request[]
  respond(handler: Handler): void
  /** Listens no more; what is under way has so long. */
  close(withinMs?: number): Promise<void>
  reopen(): Promise<void>
}

/** Opens a service that speaks both versions of HTTP on one port. */
export async function openBehind(handler: Handler = answerOk, tls?: TlsOptions): Promise<Behind> {
  const seen: Request[] = []
  let respond = handler
  const port = await freePort()
  const server: OnePort = createOnePort({
    host: '127.0.0.1',
    port,
    ...(tls && { tls }),
    handler(request, response) {
      seen.push(request)
      ignoreErrors(request, response)
      void respond(request, response)
    },
    onError: () => undefined,
  })
  await server.open()
  const close = (withinMs = 0) => server.close(withinMs)
  return {
    port,
    seen,
    respond(next) {
      respond = next
    },
    close,
    reopen: () => server.open(),
    [Symbol.asyncDispose]: () => close(),
  }
}

function ignoreErrors(...emitters: EventEmitter[]): void {
  for (const emitter of emitters) emitter.on('error', () => undefined)
}

/** 200 with the path that was asked for. */
export const answerOk: Handler = (request, response) => {
  response.writeHead(200, { 'content-type': 'text/plain' }).end(request.url)
}

/** A gateway in this process. */
export interface Gateway extends AsyncDisposable {
  readonly port: number
  readonly url: string
  readonly door: Part
  readonly lines: readonly LogLine[]
  ready(): boolean
  metrics(): Promise<string>
  stop(): Promise<void>
}

/** Opens a gateway in front of these ports. */
export async function openGateway(
  behind: { readonly catalog?: number; readonly dispatcher?: number },
  env: Readonly<Record<string, string>> = {},
): Promise<Gateway> {
  const { catalog = await freePort(), dispatcher = await freePort() } = behind
  const config = readConfig({
    HOST: '127.0.0.1',
    PORT: '0',
    STRAIT_HARD_STOP_SECS: '3',
    STRAIT_CATALOG_URL: `http://127.0.0.1:${catalog}`,
    STRAIT_DISPATCHER_URL: `http://127.0.0.1:${dispatcher}`,
    ...env,
  })
  if (!config.ok) throw new Error(config.problems.join('\n'))
  const { log, lines } = collectLog()
  const telemetry = createTelemetry()
  const app = createApp(config.values, { log: log satisfies CollectedLog, telemetry })
  const ops = createOpsServer({ host: '127.0.0.1', port: 0, ready: app.ready, telemetry })
  await startParts([ops, ...app.parts, app.door])
  const stop = async () => {
    await stopParts([ops, ...app.parts, app.door])
    await telemetry.stop()
  }
  return {
    port: app.door.port(),
    url: `http://127.0.0.1:${app.door.port()}`,
    door: app.door,
    lines,
    ready: app.ready,
    metrics: async () => (await fetch(`http://127.0.0.1:${ops.port()}/metrics`)).text(),
    stop,
    [Symbol.asyncDispose]: stop,
  }
}
