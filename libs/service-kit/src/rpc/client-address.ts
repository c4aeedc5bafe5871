// Where a request came from, for counting failures: the address of the connection or, where that is a proxy that is trusted,
// the nearest one in X-Forwarded-For that is not. Whoever owns an IPv6 network has all its addresses, so it counts as one.

import ipaddr from 'ipaddr.js'
import { headerOf, type Request } from './http-types.ts'

type Address = ReturnType<typeof ipaddr.process>
type Range = readonly [Address, number]

/** Reads `10.0.0.0/8`, `fd00::/8` or a single address; undefined for what is none. */
export function parseRange(text: string): Range | undefined {
  if (ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text)
  if (!ipaddr.isValid(text)) return undefined
  const address = ipaddr.process(text)
  return [address, address.kind() === 'ipv4' ? 32 : 128]
}

/** A reader of addresses that believes these proxies. */
export function createAddressReader(trustedProxies: readonly string[]): (request: Request) => string {
  const ranges = trustedProxies.map(parseRange).filter((range) => range !== undefined)
  const isTrusted = (address: Address) =>
    ranges.some((range) => range[0].kind() === address.kind() && address.match(range[0], range[1]))

  return (request) => {
    const peer = request.socket?.remoteAddress ?? ''
    if (!ipaddr.isValid(peer)) return peer
    let nearest = ipaddr.process(peer)
    if (ranges.length === 0) return networkOf(nearest)
    const forwarded = (headerOf(request, 'x-forwarded-for') ?? '').split(',').map((part) => part.trim())
    while (isTrusted(nearest)) {
      const next = forwarded.pop()
      if (next === undefined || !ipaddr.isValid(next)) break
      nearest = ipaddr.process(next)
    }
    return networkOf(nearest)
  }
}

function networkOf(address: Address): string {
  if (address.kind() === 'ipv4') return address.toString()
  return `${address.toByteArray().slice(0, 8).join('.')}/64`
}
