// One entry of an allow-list: a range of addresses, with one port or all of them. Two ranges lie one in the other or have nothing in
// common, so what two entries both allow is one entry or none.
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import { classifyAddress } from './address-class.ts'

type Range = ReturnType<typeof ipaddr.parseCIDR>

export interface AllowEntry {
  /** As it was written, for logs. */
  readonly text: string
  readonly range: Range
  /** null is every port. */
  readonly port: number | null
}

const withPrefix = /^(?<ip>[0-9a-fA-F.:]+)\/(?<prefix>\d{1,3})(?::(?<port>\d{1,5}))?$/
const bareV6 = /^(?<ip>[0-9a-fA-F:.]*:[0-9a-fA-F:.]*)$/
const bracketedV6 =
  /^\[(?<ip>[0-9a-fA-F:.]*:[0-9a-fA-F:.]*)\](?:\/(?<prefix>\d{1,3}))?(?::(?<port>\d{1,5}))?$/
const bareV4 = /^(?<ip>[0-9.]+)(?::(?<port>\d{1,5}))?$/

/** Reads one entry, or says what is wrong with it. */
export function parseAllowEntry(text: string): AllowEntry | string {
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

/** The one spelling of an entry: `10.1.0.0/16`, `10.1.2.3/32:8443`, `fd00::/8`, `[fd00::]/8:443`. */
export function formatAllowEntry({ range: [address, prefix], port }: AllowEntry): string {
  const ip = address.toString()
  if (port === null) return `${ip}/${prefix}`
  return `${address.kind() === 'ipv6' ? `[${ip}]` : ip}/${prefix}:${port}`
}

/** What both entries allow; undefined where that is nothing. */
export function commonEntry(a: AllowEntry, b: AllowEntry): AllowEntry | undefined {
  if (a.port !== null && b.port !== null && a.port !== b.port) return undefined
  const [wide, narrow] = a.range[1] <= b.range[1] ? [a, b] : [b, a]
  const [address] = narrow.range
  if (address.kind() !== wide.range[0].kind() || !address.match(wide.range)) return undefined
  const both = { range: narrow.range, port: a.port ?? b.port }
  return { ...both, text: formatAllowEntry({ ...both, text: '' }) }
}

function networkOf(version: number, cidr: string): string {
  const family = version === 4 ? ipaddr.IPv4 : ipaddr.IPv6
  return family.networkAddressFromCIDR(cidr).toString()
}
