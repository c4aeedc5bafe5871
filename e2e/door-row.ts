// A row of what every door is asked, and how rows are said shortly.

import type { DescMethod, JsonObject } from '@bufbuild/protobuf'
import type { Ask } from './doors.ts'

/** Ids and keys that requests speak of. */
export interface Known {
  readonly key: string
  readonly weakKey: string
  readonly weakKeyId: string
  readonly deploymentKey: string
  readonly foreignRun: string
  readonly foreignProject: string
  readonly run: string
  readonly auditEvent: string
  /** The token of the second page of the list of keys. */
  readonly keysPage: string
}

/** What one way in has for itself, so that none meets what another left behind. */
export interface Own {
  /** The way in as a slug: of its job, and of whatever it makes. */
  readonly slug: string
  /** The first version of its job. */
  readonly versionId: string
  readonly keyId: string
}

type Asked = Omit<Ask, 'key'> & { readonly key?: string | null }

/** One request, and what is expected of it. */
export interface Row {
  readonly what: string
  /** Made anew for each door. */
  readonly ask: (own: Own, known: Known) => Asked
  /** REST's status of an answer. Default: 200. */
  readonly status?: number
  /** What an answer has in it: as RPC writes it, and as REST does. */
  readonly shows?: (own: Own) => readonly [rpc: object, rest: object]
  /** A text that is nowhere in the answer. */
  readonly hides?: string
  /** What is expected: nothing for an answer, else code, REST's status, reason and fields. */
  readonly refused?: readonly [code: string, status: number, reason: string, ...fields: string[]]
}

/** A request in both ways of saying it. */
export function asking(method: DescMethod, message: JsonObject, rest: string, body?: object): Asked {
  const [verb = '', path = ''] = rest.split(' ')
  return { method, message, rest: { verb, path, ...(body && { body: JSON.stringify(body) }) } }
}

/** The same, said only of the version that the caller knows. */
export function ifMatch(etag: string, asked: Asked): Asked {
  const headers = { 'if-match': `"${etag}"` }
  return { ...asked, message: { ...asked.message, etag }, rest: { ...asked.rest, headers } }
}

/** What is said of fields that cannot be. */
export const invalid = (...fields: string[]) => ['invalid_argument', 400, 'FIELD_INVALID', ...fields] as const

/** What is said of a thing that is not there. */
export const notFound = (reason: string, field: string) => ['not_found', 404, reason, field] as const
