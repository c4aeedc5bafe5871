// What a URL must look like to be called, decided without DNS.
//
// The WHATWG parser forgives a lot: it drops tabs and newlines, turns backslashes into slashes, reads
// `http:///x` as host x, `0x7f.1` and full-width digits as 127.0.0.1. Two readers that forgive differently
// are how a guard is walked around, so what it would have to repair is refused here, and its own reading is
// used for what is left.
//
// A fragment is refused: it is never sent to a server, so a saved one can only be a mistake.
import { isIPv4 } from 'node:net'

export type UrlCheck =
  | { readonly ok: true; readonly url: URL }
  | { readonly ok: false; readonly reason: string }

const maxUrlLength = 2048
const maxNameLength = 253
const scheme = /^https?:\/\//i
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this refuses.
const unescaped = /[\u0000-\u0020\u007f\\<>"{}|^`]/
// Underscores are not host names by the book, yet service names carry them.
const label = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/

/** Checks the syntax of a URL to be saved or called, and says why it is refused. */
export function checkUrl(text: string, { maxLength = maxUrlLength } = {}): UrlCheck {
  const problem = textProblem(text, maxLength)
  if (problem !== null) return { ok: false, reason: problem }
  const authority = authorityOf(text)
  const url = URL.parse(text)
  if (url === null) return { ok: false, reason: 'is not a valid URL' }
  const reason = hostProblem(url, authority.replace(/:\d*$/, ''))
  return reason === null ? { ok: true, url } : { ok: false, reason }
}

/** The port a URL means, its scheme's own one included. */
export function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port)
  return url.protocol === 'https:' ? 443 : 80
}

function textProblem(text: string, maxLength: number): string | null {
  if (text === '') return 'must not be empty'
  if (text.length > maxLength) return `must be at most ${maxLength} characters`
  if (unescaped.test(text) || !text.isWellFormed()) {
    return 'must not contain spaces, control characters or any of \\ < > " { } | ^ `; percent-encode them'
  }
  if (!scheme.test(text)) return 'must start with http:// or https://'
  const authority = authorityOf(text)
  if (authority === '') return 'must name a host'
  if (authority.includes('@')) return 'must not carry credentials'
  if (authority.includes('%')) return 'must not percent-encode its host'
  if (text.includes('#')) return 'must not have a fragment (#): it is never sent'
  return null
}

function authorityOf(text: string): string {
  const rest = text.replace(scheme, '')
  const end = rest.search(/[/?#]/)
  return end === -1 ? rest : rest.slice(0, end)
}

function hostProblem(url: URL, writtenHost: string): string | null {
  if (url.port === '0') return 'must not use port 0'
  if (url.hostname.startsWith('[')) return null
  if (isIPv4(url.hostname)) {
    if (writtenHost === url.hostname) return null
    return `must write its IPv4 address plainly, as ${url.hostname}`
  }
  return nameProblem(url.hostname)
}

function nameProblem(hostname: string): string | null {
  // One trailing dot is the absolute form of a name.
  const name = hostname.endsWith('.') ? hostname.slice(0, -1) : hostname
  if (name.length > maxNameLength) return `must have a host name of at most ${maxNameLength} characters`
  for (const part of name.split('.')) {
    if (!label.test(part))
      return `has an invalid host name: ${JSON.stringify(part)} is not a valid part of one`
  }
  return null
}
