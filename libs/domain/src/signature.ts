// Webhook signatures, in two spellings over one key: Strait's own headers and those of Standard Webhooks.
// What is signed is the exact bytes of the body; who parses and writes it again before verifying signs another
// message. Pure: the time is an argument, and the digest is arithmetic.
import { createHmac, timingSafeEqual } from 'node:crypto'

export type SignedMessage = {
  /** What `webhook-id` carries: the delivery's id, or the run's on a dispatch call. */
  readonly id: string
  readonly timestampSecs: number
  readonly body: Uint8Array
  /** The present secret first, then, while it rotates, the one before. */
  readonly secrets: readonly string[]
}

export type VerifyOptions = { readonly nowSecs: number; readonly toleranceSecs?: number }

export type Verification =
  | { readonly ok: true }
  | {
      readonly ok: false
      readonly reason:
        | 'NO_SECRET'
        | 'NO_SIGNATURE'
        | 'INVALID_TIMESTAMP'
        | 'STALE_TIMESTAMP'
        | 'WRONG_SIGNATURE'
    }

export type HeaderBag = Headers | Readonly<Record<string, string | readonly string[] | undefined>>

const DEFAULT_TOLERANCE_SECS = 300
/** A sender has one or two live secrets; more signatures than this are not looked at. */
const MOST_SIGNATURES = 8
const wholeBase64 = /^(?:[A-Za-z0-9+/]{4})+$|^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)$/

/** The key of a secret: what `whsec_<base64>` decodes to, or the UTF-8 bytes of any other text. */
export function signingKey(secret: string): Uint8Array {
  const encoded = secret.startsWith('whsec_') ? secret.slice('whsec_'.length) : ''
  return wholeBase64.test(encoded) ? Buffer.from(encoded, 'base64') : Buffer.from(secret, 'utf8')
}

/** The headers that sign a message, once for every secret; none without a secret. */
export function signWebhook({ id, timestampSecs, body, secrets }: SignedMessage): Record<string, string> {
  // An empty key would sign with something everybody knows.
  const keys = secrets.filter((secret) => secret !== '').map(signingKey)
  if (keys.length === 0) return {}
  const timestamp = String(timestampSecs)
  const own = keys.map((key) => `v1=${digest(key, `${timestamp}.`, body).toString('hex')}`).join(',')
  const standard = keys.map((key) => `v1,${digest(key, `${id}.${timestamp}.`, body).toString('base64')}`)
  return {
    'X-Strait-Timestamp': timestamp,
    'X-Strait-Signature': own,
    'X-Webhook-Signature': own,
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': standard.join(' '),
  }
}

/**
 * Verifies a received message. Whatever signatures it carries must all fit: Strait's own does not cover
 * `webhook-id`, so a message whose other signature is wrong may bear a changed id.
 */
export function verifyWebhook(
  headers: HeaderBag,
  body: Uint8Array,
  secret: string,
  { nowSecs, toleranceSecs = DEFAULT_TOLERANCE_SECS }: VerifyOptions,
): Verification {
  if (secret === '') return refused('NO_SECRET')
  const claims = readClaims(headers)
  if (claims.length === 0) return refused('NO_SIGNATURE')
  const key = signingKey(secret)
  for (const { timestamp, prefix, candidates } of claims) {
    if (timestamp === undefined || !/^\d{1,15}$/.test(timestamp)) return refused('INVALID_TIMESTAMP')
    if (Math.abs(nowSecs - Number(timestamp)) > toleranceSecs) return refused('STALE_TIMESTAMP')
    const expected = digest(key, prefix, body)
    if (!candidates.some((candidate) => sameBytes(candidate, expected))) return refused('WRONG_SIGNATURE')
  }
  return { ok: true }
}

type Claim = {
  readonly timestamp: string | undefined
  /** What was signed before the body. */
  readonly prefix: string
  readonly candidates: readonly Buffer[]
}

function readClaims(headers: HeaderBag): readonly Claim[] {
  const claims: Claim[] = []
  const ownTimestamp = readHeader(headers, 'x-strait-timestamp')
  for (const name of ['x-strait-signature', 'x-webhook-signature']) {
    const own = readHeader(headers, name)
    if (own !== undefined) {
      const candidates = decodeAll(own.split(','), /^v1=([0-9a-f]{64})$/i, 'hex')
      claims.push({ timestamp: ownTimestamp, prefix: `${ownTimestamp}.`, candidates })
    }
  }
  const standard = readHeader(headers, 'webhook-signature')
  if (standard !== undefined) {
    const id = readHeader(headers, 'webhook-id') ?? ''
    const timestamp = readHeader(headers, 'webhook-timestamp')
    const candidates = decodeAll(standard.split(' '), /^v1,([A-Za-z0-9+/]{43}=)$/, 'base64')
    claims.push({ timestamp, prefix: `${id}.${timestamp}.`, candidates })
  }
  return claims
}

function decodeAll(parts: readonly string[], shape: RegExp, encoding: 'hex' | 'base64'): readonly Buffer[] {
  return parts.slice(0, MOST_SIGNATURES).flatMap((part) => {
    const encoded = shape.exec(part.trim())?.[1]
    return encoded === undefined ? [] : [Buffer.from(encoded, encoding)]
  })
}

function readHeader(headers: HeaderBag, lowerName: string): string | undefined {
  if (headers instanceof Headers) return headers.get(lowerName) ?? undefined
  const name = Object.keys(headers).find((key) => key.toLowerCase() === lowerName)
  const value = name === undefined ? undefined : headers[name]
  return typeof value === 'string' ? value : value?.[0]
}

function digest(key: Uint8Array, prefix: string, body: Uint8Array): Buffer {
  return createHmac('sha256', key).update(prefix).update(body).digest()
}

function sameBytes(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}

function refused(reason: Exclude<Verification, { ok: true }>['reason']): Verification {
  return { ok: false, reason }
}
