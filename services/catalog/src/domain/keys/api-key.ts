// `strait_<id>_<secret>`: the id names the key in logs and lists, the secret is shown once and stored hashed.
//
// The hash is a plain SHA-256: a slow hash protects what people choose, and nobody searches through 238 random bits.

import { createHash, timingSafeEqual } from 'node:crypto'

export const apiKeyIdLength = 12
export const apiKeySecretLength = 40
export const apiKeyIdAlphabet = '0123456789abcdefghijklmnopqrstuvwxyz'
export const apiKeySecretAlphabet = `${apiKeyIdAlphabet}ABCDEFGHIJKLMNOPQRSTUVWXYZ`

const keyShape = /^strait_([0-9a-z]{10,32})_([0-9A-Za-z]{32,64})$/

const idShape = /^[0-9a-z]{10,32}$/

/** An API key taken apart. */
export interface ApiKey {
  readonly id: string
  readonly secret: string
}

/** Takes a key apart; undefined for a text that is none. */
export function parseApiKey(text: string): ApiKey | undefined {
  const [, id, secret] = keyShape.exec(text) ?? []
  return id === undefined || secret === undefined ? undefined : { id, secret }
}

/** Says whether a text has the form of a key's public part. */
export function isApiKeyId(text: string): boolean {
  return idShape.test(text)
}

/** The text of a key, as its owner gets to see it once. */
export function formatApiKey({ id, secret }: ApiKey): string {
  return `strait_${id}_${secret}`
}

/** What is stored of a secret. */
export function hashApiKeySecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}

/** Compares a secret with what is stored, in the same time whatever differs. */
export function isSecretOf(secret: string, storedHash: Uint8Array): boolean {
  return storedHash.length === 32 && timingSafeEqual(hashApiKeySecret(secret), storedHash)
}

/** What is stored of a key in force that says which secrets open it, and until when. */
export interface StoredSecrets {
  readonly secretHash: Uint8Array
  readonly expiresAt: Date | undefined
  /** The secret before the last rotation, while it works too. */
  readonly previous: { readonly hash: Uint8Array; readonly expiresAt: Date } | undefined
}

/** Until when a secret opens the key (`at` is undefined for ever); undefined for a secret that does not. */
export function endOfSecret(
  secret: string,
  { secretHash, expiresAt, previous }: StoredSecrets,
): { readonly at: Date | undefined } | undefined {
  // Both are compared, whatever the first one says.
  const isCurrent = isSecretOf(secret, secretHash)
  const isPrevious = previous !== undefined && isSecretOf(secret, previous.hash)
  if (isCurrent) return { at: expiresAt }
  if (!isPrevious) return undefined
  return { at: expiresAt !== undefined && expiresAt < previous.expiresAt ? expiresAt : previous.expiresAt }
}
