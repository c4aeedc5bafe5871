// Places in a list that callers carry from one page to the next. A token is opaque, and it is signed together with the list
// that it belongs to, so that nobody makes one, changes one, or goes on with it in another project's list.
//
//   token = base64url( MAC (16 bytes) | place, as JSON )

import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import { parseJson } from '@strait/domain/json/parse-json'

const macBytes = 16
const maxTokenCharacters = 1_000

/** Writes and reads page tokens. `list` names the list: what is listed, and everything that it is filtered by. */
export interface PageTokens {
  write(list: readonly string[], place: readonly string[]): string
  /** Undefined for what is no token of this list. */
  read(list: readonly string[], token: string): readonly string[] | undefined
}

/** The secret of a deployment that every replica shares; while it is rotated, with the one before. */
export interface TokenSecret {
  readonly current: Uint8Array
  readonly previous: Uint8Array | undefined
}

/** Page tokens under a secret of the deployment. Those of the secret before are read too. */
export function createPageTokens({ current, previous }: TokenSecret): PageTokens {
  const keyOf = (secret: Uint8Array) => Buffer.from(hkdfSync('sha256', secret, '', 'strait page tokens', 32))
  const key = keyOf(current)
  const keys = previous === undefined ? [key] : [key, keyOf(previous)]
  const mac = (list: readonly string[], place: string, by = key) =>
    createHmac('sha256', by)
      .update(JSON.stringify([list, place]))
      .digest()
      .subarray(0, macBytes)
  return {
    write(list, place) {
      const text = JSON.stringify(place)
      return Buffer.concat([mac(list, text), Buffer.from(text)]).toString('base64url')
    },
    read(list, token) {
      if (token.length > maxTokenCharacters) return undefined
      const bytes = Buffer.from(token, 'base64url')
      // The decoder is lenient; a token has one spelling.
      if (bytes.length <= macBytes || bytes.toString('base64url') !== token) return undefined
      const text = bytes.subarray(macBytes).toString()
      const isOurs = keys.some((by) => timingSafeEqual(mac(list, text, by), bytes.subarray(0, macBytes)))
      if (!isOurs) return undefined
      // Signed here, so it is what was written here.
      return parseJson(text) as readonly string[]
    },
  }
}
