// What kind of place an IP address is. Everything that is not plainly a public unicast address has a name
// here, and an address nobody thought of is `special`, which is refused: the rule is "public or named".
//
// IPv6 can carry an IPv4 address in many wrappings; the kind is that of what is inside, so that no wrapping
// makes 10.0.0.1 or 169.254.169.254 look like something else. A wrapped *public* address stays `special`
// (nobody's DNS answers with one), save NAT64's well-known prefix: that is how an IPv6-only network reaches
// every IPv4 host.
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

export type AddressClass =
  | 'public'
  | 'loopback'
  | 'private'
  | 'link_local'
  | 'cgnat'
  | 'multicast'
  | 'metadata'
  | 'special'

type IPv4 = InstanceType<typeof ipaddr.IPv4>
type IPv6 = InstanceType<typeof ipaddr.IPv6>

// The addresses at which clouds hand out a machine's or a container's credentials. In normalized form.
const metadataAddresses: ReadonlySet<string> = new Set([
  '169.254.169.254', // AWS, Google Cloud, Azure, Oracle, DigitalOcean, OpenStack
  '169.254.170.2', // AWS ECS tasks
  '169.254.170.23', // AWS EKS pod identity
  '169.254.42.42', // Scaleway
  '169.254.0.23', // Tencent Cloud
  '100.100.100.200', // Alibaba Cloud
  '168.63.129.16', // Azure's host agent, in public space
  '192.0.0.192', // Oracle Cloud, older
  'fd00:ec2:0:0:0:0:0:254', // AWS
  'fd00:ec2:0:0:0:0:0:23', // AWS EKS pod identity
  'fd20:ce:0:0:0:0:0:254', // Google Cloud
  'fd00:42:0:0:0:0:0:42', // Scaleway
  'fd00:c1:0:0:0:0:a9fe:a9fe', // Oracle Cloud
])

const classOfRange: Readonly<Record<string, AddressClass>> = {
  unicast: 'public',
  loopback: 'loopback',
  private: 'private',
  uniqueLocal: 'private',
  deprecatedSiteLocal: 'private',
  linkLocal: 'link_local',
  carrierGradeNat: 'cgnat',
  multicast: 'multicast',
}

/** Says what kind of address this is; text that is no IP address is `special`. */
export function classifyAddress(ip: string): AddressClass {
  if (isIP(ip) === 0) return 'special'
  const address = ipaddr.parse(ip)
  return address.kind() === 'ipv4' ? classifyV4(address as IPv4) : classifyV6(address as IPv6)
}

function classifyV4(address: IPv4): AddressClass {
  if (metadataAddresses.has(address.toString())) return 'metadata'
  return classOfRange[address.range()] ?? 'special'
}

function classifyV6(address: IPv6): AddressClass {
  const inside = unwrap(address.parts)
  if (inside !== null) {
    const kind = classifyV4(inside.address)
    return kind === 'public' && !inside.everyday ? 'special' : kind
  }
  if (metadataAddresses.has(new ipaddr.IPv6(address.parts).toNormalizedString())) return 'metadata'
  const kind = classOfRange[address.range()] ?? 'special'
  // Only 2000::/3 has ever been handed out.
  return kind === 'public' && ((address.parts[0] ?? 0) & 0xe000) !== 0x2000 ? 'special' : kind
}

interface Wrapped {
  readonly address: IPv4
  readonly everyday: boolean
}

/** The IPv4 address an IPv6 one carries: mapped, compatible, translated, NAT64, 6to4 or Teredo. */
function unwrap(parts: readonly number[]): Wrapped | null {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = parts
  const wrapped = (high: number, low: number, everyday = false): Wrapped => ({
    address: new ipaddr.IPv4([high >> 8, high & 0xff, low >> 8, low & 0xff]),
    everyday,
  })
  if ((a | b | c | d) === 0) {
    if (e === 0 && f === 0xffff) return wrapped(g, h) // ::ffff:0:0/96, mapped
    if (e === 0xffff && f === 0) return wrapped(g, h) // ::ffff:0:0:0/96, translated
    if ((e | f) === 0 && (g !== 0 || h > 1)) return wrapped(g, h) // ::/96, compatible; not :: and ::1
  }
  if (a === 0x64 && b === 0xff9b) return wrapped(g, h, (c | d | e | f) === 0) // NAT64; others are local prefixes
  if (a === 0x2002) return wrapped(b, c) // 6to4
  if (a === 0x2001 && b === 0) return wrapped(g ^ 0xffff, h ^ 0xffff) // Teredo: the client, inverted
  return null
}
