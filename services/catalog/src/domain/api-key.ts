// `strait_<id>_<secret>`: the id names the key in logs and lists, the secret is shown once and stored hashed.
//
// The hash is a plain SHA-256: a slow hash protects what people choose, and nobody searches through 238 random bits.

import { createHash, timingSafeEqual } from 'node:crypto'

export const apiKeyIdLength = 12
export const apiKeySecretLength = 40
export const apiKeyIdAlphabet = '0123456789abcdefghijklmnopqrstuvwxyz'
export const apiKeySecretAlphabet = `${apiKeyIdAlphabet}ABCDEFGHIJKLMNOPQRSTUVWXYZ`

const keyShape = /^strait_([0-9a-z]{10,32})_([0-9A-Za-z]{32,64})$/

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
