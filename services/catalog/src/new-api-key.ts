import { randomInt } from 'node:crypto'
import {
  type ApiKey,
  apiKeyIdAlphabet,
  apiKeyIdLength,
  apiKeySecretAlphabet,
  apiKeySecretLength,
} from './domain/keys/api-key.ts'

/** Makes a key that nobody has: 62 random bits of name, 238 of secret. */
export function newApiKey(): ApiKey {
  return {
    id: randomText(apiKeyIdAlphabet, apiKeyIdLength),
    secret: newApiKeySecret(),
  }
}

/** Makes a new secret for a key that is there. */
export function newApiKeySecret(): string {
  return randomText(apiKeySecretAlphabet, apiKeySecretLength)
}

function randomText(alphabet: string, length: number): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('')
}
