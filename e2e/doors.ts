// The five ways in, each with a client that people really have: Connect's own, bare grpc-js, the gRPC-Web client of pages, curl,
// and fetch on REST. A request is said once for the four that speak of methods, in protobuf's JSON, and once for REST.

import { execFile } from 'node:child_process'
import { type DescMethod, fromJson, type JsonObject, type Message, toJson } from '@bufbuild/protobuf'
import { Code, ConnectError, createClient, type Transport } from '@connectrpc/connect'
import { codeToString, errorFromJson } from '@connectrpc/connect/protocol-connect'
import { createConnectTransport } from '@connectrpc/connect-node'
import { createGrpcWebTransport } from '@connectrpc/connect-web'
import { BadRequestSchema, ErrorInfoSchema } from '@strait/contracts/google/rpc/error_details_pb'
import { GrpcJsClient } from '@strait/testkit/grpc-js-client'

/** One request, for every door. */
export interface Ask {
  readonly method: DescMethod
  /** In protobuf's JSON. */
  readonly message: JsonObject
  readonly rest: {
    readonly verb: string
    readonly path: string
    readonly body?: string
    readonly headers?: Readonly<Record<string, string>>
  }
  /** The API key; null for none. */
  readonly key: string | null
  /** With a field that no schema knows; REST has it in its body. */
  readonly stranger?: boolean
}

/** What came of a request. Where it was refused: why, as every door says it; the status is REST's. */
export type Outcome =
  | { readonly ok: true; readonly status?: number; readonly answer: JsonObject }
  | {
      readonly ok: false
      readonly code?: string
      readonly status?: number
      readonly reason: string | undefined
      readonly fields: readonly string[]
    }

/** A way in to one origin. */
export interface Door {
  readonly name: string
  ask(origin: string, ask: Ask): Promise<Outcome>
}

/** REST's answer as it came, for whoever wants to hold it to the documentation. */
export type OnRest = (ask: Ask, answer: { status: number; headers: Headers; body: unknown }) => void

/** All five doors. */
export function fiveDoors(onRest: OnRest): readonly Door[] {
  const connect = (origin: string) =>
    createConnectTransport({ baseUrl: origin, httpVersion: '1.1', useBinaryFormat: true })
  const grpcWeb = (origin: string) => createGrpcWebTransport({ baseUrl: origin })
  return [
    { name: 'Connect', ask: overTransport(connect) },
    { name: 'gRPC by grpc-js', ask: overGrpcJs },
    { name: 'gRPC-Web', ask: overTransport(grpcWeb) },
    { name: 'curl', ask: overCurl },
    { name: 'REST by fetch', ask: (origin, ask) => overRest(origin, ask, onRest) },
  ]
}

function overTransport(make: (origin: string) => Transport): Door['ask'] {
  return async (origin, { method, message, key, stranger }) => {
    const client = createClient(method.parent, make(origin))
    const call = client[method.localName] as unknown as (
      request: Message,
      options: { headers: Record<string, string> },
    ) => Promise<Message>
    const headers: Record<string, string> = key === null ? {} : { authorization: `Bearer ${key}` }
    return settle(method, () => call(requestOf(method, message, stranger), { headers }))
  }
}

const overGrpcJs: Door['ask'] = async (origin, { method, message, key, stranger }) => {
  using client = new GrpcJsClient(Number(new URL(origin).port), key ?? undefined)
  return await settle(method, () => client.unary(method, requestOf(method, message, stranger) as never))
}

/** Connect's JSON, written by hand. */
const overCurl: Door['ask'] = async (origin, { method, message, key, stranger }) => {
  const url = `${origin}/${method.parent.typeName}/${method.name}`
  const auth = key === null ? [] : ['-H', `Authorization: Bearer ${key}`]
  const body = JSON.stringify(stranger === true ? { ...message, stranger: 1 } : message)
  const shown = await curl(
    [
      '-sS',
      '-w',
      '\n%{http_code}',
      '-H',
      'Content-Type: application/json',
      ...auth,
      '--data-binary',
      '@-',
      url,
    ],
    body,
  )
  const at = shown.lastIndexOf('\n')
  const answer = JSON.parse(shown.slice(0, at)) as JsonObject
  if (shown.slice(at + 1) === '200') return { ok: true, answer }
  return refusalOf(errorFromJson(answer, undefined, new ConnectError('no error', Code.Unknown)))
}

/** Runs curl; what it prints. */
export function curl(args: readonly string[], input: string): Promise<string> {
  return new Promise((done, fail) => {
    const child = execFile('curl', args, { maxBuffer: 64 * 1024 * 1024 }, (err, stdout) =>
      err === null ? done(stdout) : fail(err),
    )
    // A server that refuses a body early may close before all of it is sent.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(input)
  })
}

async function overRest(origin: string, ask: Ask, onRest: OnRest): Promise<Outcome> {
  const { verb, path, body, headers } = ask.rest
  const response = await fetch(origin + path, {
    method: verb,
    headers: {
      ...(ask.key === null ? {} : { authorization: `Bearer ${ask.key}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body }),
  })
  const answer = (await response.json()) as JsonObject & { violations?: { field: string }[] }
  onRest(ask, { status: response.status, headers: response.headers, body: answer })
  if (response.ok) return { ok: true, status: response.status, answer }
  return {
    ok: false,
    status: response.status,
    reason: String(answer.reason),
    fields: (answer.violations ?? []).map(({ field }) => field),
  }
}

function requestOf(method: DescMethod, message: JsonObject, stranger: boolean | undefined): Message {
  const request = fromJson(method.input, message)
  // Field 9999 as a number: no schema here has one.
  if (stranger === true) request.$unknown = [{ no: 9999, wireType: 0, data: Uint8Array.of(1) }]
  return request
}

async function settle(method: DescMethod, call: () => Promise<Message>): Promise<Outcome> {
  try {
    return { ok: true, answer: toJson(method.output, await call()) as JsonObject }
  } catch (thrown) {
    if (thrown instanceof ConnectError) return refusalOf(thrown)
    throw thrown
  }
}

function refusalOf(error: ConnectError): Outcome {
  return {
    ok: false,
    code: codeToString(error.code),
    reason: error.findDetails(ErrorInfoSchema)[0]?.reason,
    fields: error.findDetails(BadRequestSchema)[0]?.fieldViolations.map(({ field }) => field) ?? [],
  }
}
