// How a service declares its RPCs: one function per method, given the message and who calls. The doors do the rest.

import type {
  DescMessage,
  DescMethod,
  DescMethodServerStreaming,
  DescMethodUnary,
  DescService,
  MessageInitShape,
  MessageShape,
} from '@bufbuild/protobuf'
import { accessOf } from '@strait/contracts/scopes'
import type { Access, Caller } from '../access.ts'
import { Refusal } from '../refusal.ts'

/** What a method knows of its call besides the message. */
export interface Call {
  readonly caller: Caller
  /**
   * Aborted, with the reason, when the caller went away or its deadline passed; for a stream also when the server stops. What
   * is thrown or answered after that reaches nobody.
   */
  readonly signal: AbortSignal
  /** A request header, by its lower-case name. */
  header(name: string): string | undefined
}

type Unary<I extends DescMessage, O extends DescMessage> = (
  request: MessageShape<I>,
  call: Call,
) => Promise<MessageInitShape<O>>
type Streaming<I extends DescMessage, O extends DescMessage> = (
  request: MessageShape<I>,
  call: Call,
) => AsyncIterable<MessageInitShape<O>>

/** One function per method of a service. */
export type Methods<S extends DescService> = {
  readonly [M in keyof S['method']]: S['method'][M] extends DescMethodUnary<infer I, infer O>
    ? Unary<I, O>
    : S['method'][M] extends DescMethodServerStreaming<infer I, infer O>
      ? Streaming<I, O>
      : never
}

/** A service with its methods. */
export interface RpcService {
  readonly service: DescService
  /** What a method asks of its callers; undefined where nothing says it. */
  readonly access: (method: DescMethod) => Access | undefined
  readonly methods: Readonly<
    Record<string, Unary<DescMessage, DescMessage> | Streaming<DescMessage, DescMessage>>
  >
}

/** Puts a service and its methods together; every method must be there. Its schema says who may call. */
export function rpcService<S extends DescService>(service: S, methods: Methods<S>): RpcService {
  return { service, access: accessOf, methods: methods as RpcService['methods'] }
}

/** The same with some of the methods only: the others are answered with NOT_IMPLEMENTED. For servers that stand in for a service. */
export function partOfService<S extends DescService>(service: S, methods: Partial<Methods<S>>): RpcService {
  const missing = service.methods.map(({ name, localName }) => [
    localName,
    async () => {
      throw new Refusal('NOT_IMPLEMENTED', `${name} is not served here`)
    },
  ])
  return rpcService(service, { ...Object.fromEntries(missing), ...methods })
}

/** A service that anyone may call: for schemas that are not ours and say nothing of access. */
export function openService<S extends DescService>(service: S, methods: Methods<S>): RpcService {
  return { service, access: () => ({ who: 'anyone' }), methods: methods as RpcService['methods'] }
}
