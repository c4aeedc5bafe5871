// What an RPC port answers: methods in every protocol, and its documents, health and reflection. A request goes
//   headers → which method? → which protocol? → serveCall
// for REST the path says the method, for the others it is its name.

import type { DescService } from '@bufbuild/protobuf'
import type { Meter } from '@opentelemetry/api'
import { ServerReflection } from '@strait/contracts/grpc/reflection/v1/reflection_pb'
import { createAccessCheck } from '../access.ts'
import { createFailureLimit } from '../failure-limit.ts'
import type { KeyVerifier } from '../key-verifier.ts'
import type { Log } from '../log.ts'
import { Refusal } from '../refusal.ts'
import type { CallLife } from './call-life.ts'
import { createCallRecord } from './call-record.ts'
import { createAddressReader } from './client-address.ts'
import { createCors } from './cors.ts'
import { discardRest } from './discard-rest.ts'
import { healthService } from './health.ts'
import { hasBody, headerOf, mediaTypeOf, type Request, type Response } from './http-types.ts'
import { methodTable } from './method-table.ts'
import { createPages, type Pages } from './pages.ts'
import type { Protocol } from './protocol.ts'
import { protocolOf } from './protocols.ts'
import { createReflection, isReflection } from './reflection.ts'
import { findRoute } from './route.ts'
import type { RpcService } from './rpc-service.ts'
import { createSeats } from './seats.ts'
import { type CallContext, serveCall } from './serve-call.ts'

/** What is served, and how. */
export interface RpcHandlerOptions {
  readonly services: readonly RpcService[]
  /** Services that others serve behind this port: health and reflection tell of them too. Default: none. */
  readonly behind?: readonly DescService[]
  readonly serviceTokens: readonly string[]
  readonly keys: KeyVerifier
  /** Wrong keys that one address may show in a minute. Default: 60. */
  readonly failuresPerMinute?: number
  /** Proxies whose word about an address is taken, as CIDR ranges. Default: none. */
  readonly trustedProxies?: readonly string[]
  readonly log: Log
  readonly meter: Meter
  /** The largest message of a caller with an API key. Default: 4 MiB. */
  readonly maxBodyBytes?: number
  /** The largest message of another service; they come in batches. Default: 16 MiB. */
  readonly maxInternalBodyBytes?: number
  /** Origins whose web pages may call; `*` is every one. Default: none. */
  readonly corsOrigins?: readonly string[]
  /** What health says. Default: always well. */
  readonly ready?: () => boolean
  /** Documents that are served as they are, by path. Default: none. */
  readonly pages?: Pages
}

/** Answers the requests of a port. */
export interface RpcHandler {
  handle(request: Request, response: Response): void
  /** From here on streams are served; it begins like this. */
  open(): void
  /** Ends the streams, which would hold a port open for ever: their callers are told to come back. */
  close(): void
}

const mebibyte = 1024 * 1024

/** Makes what answers for all methods of the given services. */
export function createRpcHandler(options: RpcHandlerOptions): RpcHandler {
  const { log, maxBodyBytes = 4 * mebibyte, maxInternalBodyBytes = 16 * mebibyte, behind = [] } = options
  const own = [...options.services.map(({ service }) => service), ...behind]
  const publicOnes = own.filter(({ name }) => !name.endsWith('InternalService'))
  const health = healthService(
    own.map(({ typeName }) => typeName),
    () => !stopping && (options.ready?.() ?? true),
  )
  const table = methodTable([...options.services, health])
  const reflect = createReflection([...publicOnes, health.service, ServerReflection])
  const cors = createCors(options.corsOrigins ?? [])
  const servePage = createPages(options.pages ?? new Map())
  const ended = createCallRecord(options)
  const seats = createSeats()
  const streams = new Set<CallLife>()
  let stopping = false

  const context: CallContext = {
    check: createAccessCheck({ ...options, failures: createFailureLimit(options.failuresPerMinute ?? 60) }),
    addressOf: createAddressReader(options.trustedProxies ?? []),
    maxBodyBytes: (entry) => (entry.access.who === 'service_token' ? maxInternalBodyBytes : maxBodyBytes),
    began(entry, life) {
      if (entry.method.methodKind === 'unary') return () => undefined
      streams.add(life)
      if (stopping) life.end(serverStops())
      return () => streams.delete(life)
    },
    ended,
  }

  function refuse(request: Request, response: Response, protocol: Protocol, no: Refusal, status?: number) {
    protocol.fail(response, no, status)
    discardRest(request, response)
  }

  /** Takes a seat for a stream that shows no key, or refuses it. */
  function isSeated(request: Request, response: Response, protocol: Protocol): boolean {
    const leave = seats.take(context.addressOf(request))
    if (leave === undefined) refuse(request, response, protocol, tooManyStreams())
    else response.once('close', leave)
    return leave !== undefined
  }

  function handle(request: Request, response: Response): void {
    if (cors(request, response) || servePage(request, response)) return
    const { url, method: verb } = request
    const contentType = headerOf(request, 'content-type')
    if (isReflection(request)) {
      if (isSeated(request, response, protocolOf(mediaTypeOf(contentType)))) reflect(request, response)
      return
    }
    const route = findRoute(table, { url, verb, contentType, bodiless: !hasBody(request) })
    if (!route.ok) {
      for (const [name, value] of Object.entries(route.headers)) response.setHeader(name, value)
      refuse(request, response, route.protocol, new Refusal('NOT_IMPLEMENTED', route.sentence), route.status)
      return
    }
    const { entry, protocol } = route
    const isOpenStream = entry.access.who === 'anyone' && entry.method.methodKind !== 'unary'
    if (isOpenStream && !isSeated(request, response, protocol)) return
    serveCall(context, entry, protocol, request, response).catch((err: unknown) => {
      log.error({ method: entry.path, err }, 'a call was left without an answer')
      response.destroy()
    })
  }

  return {
    handle,
    open() {
      stopping = false
    },
    close() {
      stopping = true
      for (const stream of streams) stream.end(serverStops())
    },
  }
}

function serverStops(): Refusal {
  return new Refusal('UNAVAILABLE', 'the server stops, connect again')
}

function tooManyStreams(): Refusal {
  return new Refusal('OVERLOADED', 'too many streams without a key are open: close some, or try again')
}
