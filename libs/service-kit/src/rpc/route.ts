// Which method a request is for and which protocol it speaks, by its first line and its content type.

import type { MethodEntry } from './method-table.ts'
import type { Protocol } from './protocol.ts'
import { contentTypesFor, protocolFor, protocolOf } from './protocols.ts'

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

/** Finds the way of a request. */
export function findRoute(
  table: ReadonlyMap<string, MethodEntry>,
  request: {
    readonly url: string | undefined
    readonly verb: string | undefined
    readonly contentType: string | undefined
  },
): Route {
  const mediaType = (request.contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  const no = (status: number, sentence: string, headers = {}): Route => {
    return { ok: false, protocol: protocolOf(mediaType), status, sentence, headers }
  }
  const entry = table.get(request.url?.split('?')[0] ?? '')
  if (entry === undefined) return no(404, 'there is no such method here')
  if (request.verb !== 'POST') return no(405, 'a method is called with POST', { allow: 'POST' })
  const protocol = protocolFor(entry.method.methodKind, mediaType)
  if (protocol !== undefined) return { ok: true, entry, protocol }
  const known = contentTypesFor(entry.method.methodKind).join(', ')
  return no(415, `the content-type of this method is one of ${known}`, { 'accept-post': known })
}
