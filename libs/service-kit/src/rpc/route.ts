// Which method a request is for and which protocol it speaks, by its first line and its content type. What begins with /v1/ is
// REST; everything else is named after its method.

import { matchRoute } from '@strait/contracts/rest-routes'
import { eventStream } from '../rest/event-stream.ts'
import { restProtocol } from '../rest/rest-protocol.ts'
import { mediaTypeOf } from './http-types.ts'
import type { MethodEntry, MethodTable } from './method-table.ts'
import type { Protocol } from './protocol.ts'
import { contentTypesFor, plain, protocolFor, protocolOf } from './protocols.ts'

/** What a request asks for, or why it asks for nothing that there is, said in the caller's protocol. */
export type Route =
  | { readonly ok: true; readonly entry: MethodEntry; readonly protocol: Protocol }
  | {
      readonly ok: false
      readonly protocol: Protocol
      readonly status: number
      readonly headers: Readonly<Record<string, string>>
      readonly sentence: string
    }

/** The first line of a request, and what its body is. */
export interface Asked {
  readonly url: string | undefined
  readonly verb: string | undefined
  readonly contentType: string | undefined
  /** Whether it has no body at all. */
  readonly bodiless: boolean
}

const jsonTypes: ReadonlySet<string> = new Set(['application/json', 'application/merge-patch+json'])

/** Finds the way of a request. */
export function findRoute(table: MethodTable, asked: Asked): Route {
  const mediaType = mediaTypeOf(asked.contentType)
  if (asked.url?.startsWith('/v1/')) return findRestRoute(table, asked, mediaType)
  const no = (status: number, sentence: string, headers = {}): Route => {
    return { ok: false, protocol: protocolOf(mediaType), status, sentence, headers }
  }
  const entry = table.methods.get(asked.url?.split('?')[0] ?? '')
  if (entry === undefined) return no(404, 'there is no such method here')
  if (asked.verb !== 'POST') return no(405, 'a method is called with POST', { allow: 'POST' })
  const protocol = protocolFor(entry.method.methodKind, mediaType)
  if (protocol !== undefined) return { ok: true, entry, protocol }
  const known = contentTypesFor(entry.method.methodKind).join(', ')
  return no(415, `the content-type of this method is one of ${known}`, { 'accept-post': known })
}

function findRestRoute({ methods, rest }: MethodTable, asked: Asked, mediaType: string): Route {
  const no = (status: number, sentence: string, headers = {}): Route => {
    return { ok: false, protocol: plain, status, sentence, headers }
  }
  const match = matchRoute(rest, asked.verb ?? '', asked.url ?? '')
  if (match.kind === 'malformed') return no(404, `there is no such path: ${match.why}`)
  if (match.kind === 'no_path') return no(404, 'there is no such path here')
  if (match.kind === 'no_verb') {
    const allow = match.allow.join(', ')
    return no(405, `this path takes ${allow}`, { allow })
  }
  const { route, vars } = match
  const entry = methods.get(`/${route.method.parent.typeName}/${route.method.name}`)
  if (entry === undefined) return no(404, 'there is no such path here')
  const wanted =
    route.verb === 'PATCH' ? 'application/merge-patch+json, application/json' : 'application/json'
  const isJson = mediaType === 'application/json' || (route.verb === 'PATCH' && jsonTypes.has(mediaType))
  if (route.body !== '' && !isJson && !(asked.bodiless && mediaType === ''))
    return no(415, `the content-type of this path is ${wanted}`, { 'accept-post': wanted })
  const streams = entry.method.methodKind !== 'unary'
  return { ok: true, entry, protocol: streams ? eventStream(route, vars) : restProtocol(route, vars) }
}
