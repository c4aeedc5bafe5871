export interface ServerAddresses {
  /** `host:port` of each server. */
  readonly servers: string[]
  readonly user?: string
  readonly pass?: string
  readonly token?: string
  /** Present when a `tls://` address asks for it. */
  readonly tls?: object
}

/**
 * Reads one address, or several with commas between: `nats://user:pass@host:4222`, `nats://token@host`, `tls://host`,
 * `host`. The client itself leaves out who is connecting, so the first address that says it is taken at its word.
 */
export function readServerUrls(text: string): ServerAddresses {
  const urls = text.split(',').map((part) => parse(part.trim()))
  const login = urls.find((url) => url.username !== '')
  const user = login && decodeURIComponent(login.username)
  const pass = login && decodeURIComponent(login.password)
  return {
    servers: urls.map((url) => `${url.hostname}:${url.port || '4222'}`),
    ...(user && (pass ? { user, pass } : { token: user })),
    ...(urls.some((url) => url.protocol === 'tls:') && { tls: {} }),
  }
}

function parse(part: string): URL {
  const full = part.includes('://') ? part : `nats://${part}`
  const url = URL.canParse(full) ? new URL(full) : undefined
  if (url === undefined || url.hostname === '' || !['nats:', 'tls:'].includes(url.protocol)) {
    throw new Error('the NATS URL is not one like nats://host:4222')
  }
  return url
}
