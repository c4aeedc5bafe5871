// One call, from its headers to its end, the same for every protocol:
//   deadline → who calls? → body → message → method → answer
// Whoever may not call is told so before a byte of the body is read. Whatever goes wrong ends as one error with a reason.
//
// connect-node could serve all of this; its errors about undecodable bodies carry no reason, and it costs more. Server CPU for
// 1,000 unary calls on Node 24, all with the same method and client: gRPC 83 ms here, 452 there; Connect JSON over HTTP/1.1
// 102 ms here, 271 there, 64 on a bare node:http that decodes nothing.

import { once } from 'node:events'
import { create, type DescMessage, type MessageInitShape } from '@bufbuild/protobuf'
import type { AccessCheck } from '../access.ts'
import { Refusal } from '../refusal.ts'
import { beginCallLife, type CallLife } from './call-life.ts'
import { maxCallMs, maxStreamMs } from './deadline.ts'
import { discardRest } from './discard-rest.ts'
import { headerOf, type Request, type Response } from './http-types.ts'
import type { MethodEntry } from './method-table.ts'
import type { Protocol } from './protocol.ts'
import type { Call, RpcService } from './rpc-service.ts'

// With the time for which a key is known and the time that asking takes, a revoked key ends its streams within 5 s.
const accessEveryMs = 1_000
// Less than proxies wait for a stream that says nothing.
const keepAliveMs = 15_000

/** How a call ended: `thrown` is undefined when it went well; `gone` when nobody was left to be answered. */
export interface CallEnd {
  readonly entry: MethodEntry
  readonly thrown: unknown
  readonly gone: boolean
  readonly ms: number
}

/** What calls are served with. */
export interface CallContext {
  readonly check: AccessCheck
  /** Where a request came from. */
  readonly addressOf: (request: Request) => string
  readonly maxBodyBytes: (entry: MethodEntry) => number
  /** Told of each call as it begins; what it returns is called at its end. */
  readonly began: (entry: MethodEntry, life: CallLife) => () => void
  readonly ended: (end: CallEnd) => void
}

/** Serves one call. Never throws: every end is an answer or a closed stream. */
export async function serveCall(
  context: CallContext,
  entry: MethodEntry,
  protocol: Protocol,
  request: Request,
  response: Response,
): Promise<void> {
  const startedAt = performance.now()
  const life = beginCallLife(response)
  const forget = context.began(entry, life)
  let thrown: unknown
  try {
    limitTime(life, entry, protocol.readTimeout(request))
    protocol.requireReadable(request)
    const credentials = {
      authorization: headerOf(request, 'authorization'),
      address: context.addressOf(request),
    }
    const caller = await life.within(context.check(entry.access, credentials))
    if (entry.method.methodKind !== 'unary') watchAccess(context, entry, life, credentials.authorization)
    const limit = context.maxBodyBytes(entry)
    const message = await life.within(protocol.read(request, entry.method, limit))
    const call: Call = { caller, signal: life.signal, header: (name) => headerOf(request, name) }
    await answer(life, entry, protocol, response, entry.run(message, call))
    protocol.finish(response)
  } catch (reason) {
    thrown = reason
    if (!life.callerGone()) protocol.fail(response, reason)
  }
  life.settle()
  forget()
  discardRest(request, response)
  context.ended({ entry, thrown, gone: life.callerGone(), ms: performance.now() - startedAt })
}

/**
 * A stream ends when its key does, however long it was to last. A key that is known stays good while nobody can be asked; one of
 * which there were news, and nobody can be asked what they are, does not.
 */
function watchAccess(
  { check }: CallContext,
  { access }: MethodEntry,
  life: CallLife,
  authorization: string | undefined,
): void {
  if (access.who === 'anyone') return
  life.repeat(accessEveryMs, () => {
    check(access, { authorization, address: undefined }).catch((reason: unknown) => {
      if (reason instanceof Refusal) life.end(reason)
    })
  })
}

/** A call ends at its caller's deadline; without one, or beyond the longest that there is, at that one. */
function limitTime(life: CallLife, entry: MethodEntry, timeoutMs: number | undefined): void {
  const unary = entry.method.methodKind === 'unary'
  const longest = unary ? maxCallMs : maxStreamMs
  const ms = Math.min(timeoutMs ?? longest, longest)
  life.endAfter(ms, () =>
    unary || ms === timeoutMs
      ? new Refusal('DEADLINE_EXCEEDED', `not done within ${ms} ms`)
      : new Refusal('UNAVAILABLE', 'the stream has lasted long enough, open another one to go on'),
  )
}

async function answer(
  life: CallLife,
  entry: MethodEntry,
  protocol: Protocol,
  response: Response,
  result: ReturnType<RpcService['methods'][string]>,
): Promise<void> {
  const { method } = entry
  const send = (init: MessageInitShape<DescMessage>) =>
    protocol.send(response, method, create(method.output, init))
  if (!(Symbol.asyncIterator in result)) {
    send(await life.within(result))
    return
  }
  if (protocol.keepAlive !== undefined) life.repeat(keepAliveMs, () => protocol.keepAlive?.(response))
  const messages = result[Symbol.asyncIterator]()
  try {
    for (;;) {
      const next = await life.within(messages.next())
      if (next.done) return
      if (!send(next.value)) await life.within(once(response, 'drain'))
    }
  } finally {
    // Not waited for: a generator that waits for something of its own ends when it hears the signal.
    void messages.return?.().catch(() => undefined)
  }
}
