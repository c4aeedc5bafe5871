// Which addresses may be called. An address is approved when it is public, or when the deployment's
// allow-list names it as it stands: a wrapped address is not named by naming what is inside. A metadata
// address is never approved, however wide the list.
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import { type AddressClass, classifyAddress } from './address-class.ts'
import { type AllowEntry, parseAllowEntry } from './allow-entry.ts'
import { portOf } from './url-syntax.ts'

export { type AddressClass, classifyAddress }

export interface AllowList {
  readonly entries: readonly AllowEntry[]
}

export type AllowListCheck =
  | { readonly ok: true; readonly allow: AllowList }
  | { readonly ok: false; readonly reason: string }

export type HostCheck = { readonly ok: true } | { readonly ok: false; readonly reason: string }

// They answer with credentials on their cloud, whatever they resolve to from here.
const metadataNames: ReadonlySet<string> = new Set(['metadata.google.internal', 'metadata.goog'])

/** Reads an allow-list of `127.0.0.0/8`, `10.1.0.0/16:8080`, `fd00::/8`, `[fd00::]/8:443`, `192.168.1.7`, `[::1]:8080`. */
export function parseAllowList(texts: readonly string[]): AllowListCheck {
  const entries: AllowEntry[] = []
  for (const text of texts) {
    const entry = parseAllowEntry(text.trim())
    if (typeof entry === 'string') return { ok: false, reason: `${JSON.stringify(text)} ${entry}` }
    entries.push(entry)
  }
  return { ok: true, allow: { entries } }
}

/** Nothing but public addresses. */
export function publicOnly(): AllowList {
  return { entries: [] }
}

/** What development allows beside public addresses: loopback, nothing else. */
export function developmentAllow(): AllowList {
  const parsed = parseAllowList(['127.0.0.0/8', '::1/128'])
  if (!parsed.ok) throw new Error(parsed.reason)
  return parsed.allow
}

/** Says whether a connection to this address and port may be opened. */
export function isAllowed(ip: string, port: number, allow: AllowList): boolean {
  const kind = classifyAddress(ip)
  if (kind === 'metadata') return false
  if (kind === 'public') return true
  if (isIP(ip) === 0) return false
  const address = ipaddr.parse(ip)
  return allow.entries.some(
    (entry) =>
      (entry.port === null || entry.port === port) &&
      entry.range[0].kind() === address.kind() &&
      address.match(entry.range),
  )
}

/** Refuses, without DNS, a URL whose host is a forbidden literal or a name that can only mean one. */
export function checkLiteralHost(url: URL, allow: AllowList): HostCheck {
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
  const port = portOf(url)
  if (isIP(host) !== 0) {
    if (isAllowed(host, port, allow)) return { ok: true }
    return { ok: false, reason: `must not call ${refusedKind(host)}: ${host}` }
  }
  if (metadataNames.has(host)) return { ok: false, reason: `must not call a cloud metadata address: ${host}` }
  if (host === 'localhost' || host.endsWith('.localhost')) {
    const allowed = isAllowed('127.0.0.1', port, allow) || isAllowed('::1', port, allow)
    if (!allowed) return { ok: false, reason: `must not call ${refusedKind('127.0.0.1')}: ${host}` }
  }
  return { ok: true }
}

/** Names a refused address by its kind, for people. */
export function refusedKind(ip: string): string {
  const kind = classifyAddress(ip)
  if (kind === 'metadata') return 'a cloud metadata address'
  if (kind === 'special') return 'a special-purpose address'
  return `a ${kind === 'cgnat' ? 'carrier-grade NAT' : kind.replace('_', '-')} address`
}
