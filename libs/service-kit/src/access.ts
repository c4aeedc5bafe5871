// Who calls, decided from the headers alone, before a body is read.

import { createHash, timingSafeEqual } from 'node:crypto'
import { Refusal } from './refusal.ts'

/** Whoever made a call. Only internal services are called without a project. */
export interface Caller {
  /** `apikey:<id>` or `system:internal`. */
  readonly actor: string
  readonly projectId: string
}

/** What a service asks of its callers: an API key, or the service token. */
export type Access = 'api_key' | 'service_token'

/** Finds out whose an API key is; undefined for one that is not valid. */
export type VerifyKey = (key: string) => Promise<Caller | undefined>

/** Decides about a call by its `authorization` header. */
export type AccessCheck = (access: Access, authorization: string | undefined) => Promise<Caller>

const missing = {
  api_key: 'an API key goes with every call: Authorization: Bearer strait_…',
  service_token: 'the service token goes with every call between services: Authorization: Bearer …',
} as const

const internal: Caller = Object.freeze({ actor: 'system:internal', projectId: '' })

/** An access check that knows these service tokens and asks `verifyKey` about API keys. */
export function createAccessCheck(options: {
  readonly serviceTokens: readonly string[]
  readonly verifyKey: VerifyKey
}): AccessCheck {
  const tokenHashes = options.serviceTokens.map(sha256)
  // Hashes are of one length and tell nothing of the token, so every one is compared, in the same time whatever differs.
  const ofToken = (bearer: string) => {
    const hash = sha256(bearer)
    return tokenHashes.filter((known) => timingSafeEqual(known, hash)).length > 0 ? internal : undefined
  }
  return async (access, authorization) => {
    const bearer = /^Bearer +(\S.*)$/i.exec(authorization ?? '')?.[1]
    if (bearer === undefined) throw new Refusal('KEY_MISSING', missing[access])
    const caller = access === 'service_token' ? ofToken(bearer) : await options.verifyKey(bearer)
    if (caller === undefined) throw new Refusal('KEY_INVALID', 'the key is not valid')
    return caller
  }
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
