// Who calls and what for, decided from the headers alone, before a body is read.

import { createHash, timingSafeEqual } from 'node:crypto'
import { adminScope, deploymentScope, type MethodAccess } from '@strait/contracts/scopes'
import type { FailureLimit } from './failure-limit.ts'
import type { KeyVerifier } from './key-verifier.ts'
import { Refusal } from './refusal.ts'

/** Whoever made a call. */
export interface Caller {
  /** `apikey:<id>`, `system:internal` or `anyone`. */
  readonly actor: string
  /**
   * The project of the caller's key. Only internal services are called without one. A deployment's key is bound to none: who asks it
   * for its project refuses the call, so that no project is ever guessed; `ownProjectOf` asks without that.
   */
  readonly projectId: string
  /** What the caller may do there; `admin` is everything. */
  readonly scopes: ReadonlySet<string>
}

/** What a method asks of its callers; only health and reflection ask nothing. */
export type Access = MethodAccess | { readonly who: 'anyone' }

/** What a call shows of its caller. */
export interface Credentials {
  readonly authorization: string | undefined
  /** Where it came from, as the failure limit counts it; undefined for a call that was let in before, which guesses nothing. */
  readonly address: string | undefined
}

/** Decides about a call. */
export type AccessCheck = (access: Access, credentials: Credentials) => Promise<Caller>

const missing = {
  scope: 'an API key goes with every call: Authorization: Bearer strait_…',
  service_token: 'the service token goes with every call between services: Authorization: Bearer …',
} as const

const noScopes: ReadonlySet<string> = new Set()
const internal: Caller = Object.freeze({ actor: 'system:internal', projectId: '', scopes: noScopes })
const anyone: Caller = Object.freeze({ actor: 'anyone', projectId: '', scopes: noScopes })

/** Whoever a verified key stands for. */
export function keyCaller(key: {
  readonly keyId: string
  /** Undefined for a deployment's key. */
  readonly projectId: string | undefined
  readonly scopes: readonly string[]
}): Caller {
  const [actor, scopes] = [`apikey:${key.keyId}`, new Set(key.scopes)]
  if (key.projectId !== undefined) return { actor, projectId: key.projectId, scopes }
  return {
    actor,
    scopes,
    get projectId(): string {
      throw new Refusal('NOT_ALLOWED', 'a key of the deployment is bound to no project: use a key of one')
    },
  }
}

/** The project that a caller is bound to; undefined for a key of the deployment. */
export function ownProjectOf(caller: Caller): string | undefined {
  return caller.scopes.has(deploymentScope) ? undefined : caller.projectId
}

/**
 * An access check that knows these service tokens and asks `keys` about API keys. From an address that showed too many wrong
 * keys, only a key that is known to be good is let in; nobody is asked about others.
 */
export function createAccessCheck(options: {
  readonly serviceTokens: readonly string[]
  readonly keys: KeyVerifier
  readonly failures: FailureLimit
}): AccessCheck {
  const { keys, failures } = options
  const tokenHashes = options.serviceTokens.map(sha256)
  // Hashes are of one length and tell nothing of the token, so every one is compared, in the same time whatever differs.
  const ofToken = (bearer: string) => {
    const hash = sha256(bearer)
    return tokenHashes.filter((known) => timingSafeEqual(known, hash)).length > 0 ? internal : undefined
  }

  /** Tries what may be a guess, as often as its address may guess. */
  async function tryOut(bearer: string, address: string, verify: KeyVerifier['verify']) {
    const waitMs = failures.waitMs(address, bearer)
    if (waitMs > 0) throw tooManyFailures(waitMs)
    const done = failures.trying(address, bearer)
    try {
      const caller = await verify(bearer)
      if (caller === undefined) failures.note(address)
      return caller
    } finally {
      done()
    }
  }

  async function identify(access: MethodAccess, { authorization, address }: Credentials): Promise<Caller> {
    const bearer = /^Bearer +(\S.*)$/i.exec(authorization ?? '')?.[1]
    if (bearer === undefined) throw new Refusal('KEY_MISSING', missing[access.who])
    const isToken = access.who === 'service_token'
    const service = isToken ? ofToken(bearer) : undefined
    if (service !== undefined) return service
    const verify: KeyVerifier['verify'] = isToken ? async () => undefined : keys.verify
    const isGuess = address !== undefined && !keys.knows(bearer)
    const caller = await (isGuess ? tryOut(bearer, address, verify) : verify(bearer))
    if (caller === undefined) throw new Refusal('KEY_INVALID', 'the key is not valid')
    return caller
  }

  return async (access, credentials) => {
    if (access.who === 'anyone') return anyone
    const caller = await identify(access, credentials)
    if (access.who === 'scope') requireScope(caller, access.scope)
    return caller
  }
}

// What a key of the deployment opens besides its own methods.
const projectsScope = 'projects:manage'

function requireScope({ scopes }: Caller, scope: string): void {
  if (opens(scopes, scope)) return
  throw new Refusal('NOT_ALLOWED', `the key lacks the scope ${scope}`, { metadata: { scope } })
}

function opens(own: ReadonlySet<string>, scope: string): boolean {
  if (own.has(deploymentScope)) return scope === deploymentScope || scope === projectsScope
  return scope !== deploymentScope && (own.has(scope) || own.has(adminScope))
}

function tooManyFailures(retryAfterMs: number): Refusal {
  return new Refusal('TOO_MANY_FAILURES', 'too many wrong keys came from this address, try again later', {
    retryAfterMs,
  })
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
