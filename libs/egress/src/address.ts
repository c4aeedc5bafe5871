// Which addresses may be called. An address is approved when it is public, or when the deployment's
// allow-list names it as it stands: a wrapped address is not named by naming what is inside. A metadata
// address is never approved, however wide the list.
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import { type AddressClass, classifyAddress } from './address-class.ts'
import { portOf } from './url-syntax.ts'

export { type AddressClass, classifyAddress }

type Range = ReturnType<typeof ipaddr.parseCIDR>

export interface AllowEntry {
  /** As it was written, for logs. */
  readonly text: string
  readonly range: Range
  /** null is every port. */
  readonly port: number | null
}

export interface AllowList {
  readonly entries: readonly AllowEntry[]
}

export type AllowListCheck =
  | { readonly ok: true; readonly allow: AllowList }
  | { readonly ok: false; readonly reason: string }

export type HostCheck = { readonly ok: true } | { readonly ok: false; readonly reason: string }

const withPrefix = /^(?<ip>[0-9a-fA-F.:]+)\/(?<prefix>\d{1,3})(?::(?<port>\d{1,5}))?$/
const bareV6 = /^(?<ip>[0-9a-fA-F:.]*:[0-9a-fA-F:.]*)$/
const bracketedV6 = /^\[(?<ip>[0-9a-fA-F:.]+)\](?::(?<port>\d{1,5}))?$/
const bareV4 = /^(?<ip>[0-9.]+)(?::(?<port>\d{1,5}))?$/

// They answer with credentials on their cloud, whatever they resolve to from here.
const metadataNames: ReadonlySet<string> = new Set(['metadata.google.internal', 'metadata.goog'])

/** Reads an allow-list of `127.0.0.0/8`, `10.1.0.0/16:8080`, `fd00::/8`, `192.168.1.7`, `[::1]:8080`. */
export function parseAllowList(texts: readonly string[]): AllowListCheck {
  const entries: AllowEntry[] = []
  for (const text of texts) {
    const entry = parseEntry(text.trim())
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

function parseEntry(text: string): AllowEntry | string {
  const form = [withPrefix, bareV4, bareV6, bracketedV6].find((each) => each.test(text))
  const groups = form?.exec(text)?.groups
  const ip = groups?.ip ?? ''
  const version = isIP(ip)
  if (version === 0) return 'is not an IP range such as 10.1.0.0/16 or 10.1.0.0/16:8080'
  const bits = version === 4 ? 32 : 128
  const prefix = groups?.prefix === undefined ? bits : Number(groups.prefix)
  if (prefix > bits) return `has a prefix longer than ${bits} bits`
  const port = groups?.port === undefined ? null : Number(groups.port)
  if (port !== null && (port === 0 || port > 65_535)) return 'has a port outside 1 to 65535'
  if (prefix === bits && classifyAddress(ip) === 'metadata')
    return 'is a cloud metadata address: never allowed'
  const range = ipaddr.parseCIDR(`${ip}/${prefix}`)
  const start = networkOf(version, `${ip}/${prefix}`)
  if (start !== range[0].toString()) return `has bits set after its prefix: write ${start}/${prefix}`
  return { text, range, port }
}

function networkOf(version: number, cidr: string): string {
  const family = version === 4 ? ipaddr.IPv4 : ipaddr.IPv6
  return family.networkAddressFromCIDR(cidr).toString()
}
