// Places in a list that callers carry from one page to the next. A token is opaque, and it is signed together with the list
// that it belongs to, so that nobody makes one, changes one, or goes on with it in another project's list.
//
//   token = base64url( MAC (16 bytes) | place, as JSON )

import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'

const macBytes = 16
const maxTokenCharacters = 1_000

/** Writes and reads page tokens. `list` names the list: what is listed, and everything that it is filtered by. */
export interface PageTokens {
  write(list: readonly string[], place: readonly string[]): string
  /** Undefined for what is no token of this list. */
  read(list: readonly string[], token: string): readonly string[] | undefined
}

/** Page tokens under a secret of the deployment, which every replica shares. */
export function createPageTokens(secret: Uint8Array): PageTokens {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'strait page tokens', 32))
  const mac = (list: readonly string[], place: string) =>
    createHmac('sha256', key)
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
      if (!timingSafeEqual(mac(list, text), bytes.subarray(0, macBytes))) return undefined
      // Signed here, so it is what was written here.
      return JSON.parse(text) as readonly string[]
    },
  }
}
