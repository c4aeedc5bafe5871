import { describe, expect, test } from 'vitest'
import {
  type AllowList,
  checkLiteralHost,
  classifyAddress,
  developmentAllow,
  isAllowed,
  parseAllowList,
  publicOnly,
} from './address.ts'

function allowing(...texts: string[]): AllowList {
  const parsed = parseAllowList(texts)
  if (!parsed.ok) throw new Error(parsed.reason)
  return parsed.allow
}

describe('the kind of an address', () => {
  test.each([
    ['8.8.8.8', 'public'],
    ['172.15.255.255', 'public'],
    ['172.32.0.0', 'public'],
    ['100.63.255.255', 'public'],
    ['100.128.0.0', 'public'],
    ['2606:4700:4700::1111', 'public'],
    ['127.0.0.1', 'loopback'],
    ['127.255.255.255', 'loopback'],
    ['::1', 'loopback'],
    ['10.0.0.1', 'private'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['192.168.0.1', 'private'],
    ['fd12:3456::1', 'private'],
    ['fec0::1', 'private'],
    ['169.254.0.1', 'link_local'],
    ['fe80::1', 'link_local'],
    ['fe80::1%eth0', 'link_local'],
    ['100.64.0.1', 'cgnat'],
    ['224.0.0.1', 'multicast'],
    ['ff02::1', 'multicast'],
    ['0.0.0.0', 'special'],
    ['0.1.2.3', 'special'],
    ['192.0.2.1', 'special'],
    ['198.18.0.1', 'special'],
    ['203.0.113.9', 'special'],
    ['240.0.0.1', 'special'],
    ['255.255.255.255', 'special'],
    ['::', 'special'],
    ['2001:db8::1', 'special'],
    ['100::1', 'special'],
    ['4000::1', 'special'],
    ['169.254.169.254', 'metadata'],
    ['169.254.170.2', 'metadata'],
    ['100.100.100.200', 'metadata'],
    ['168.63.129.16', 'metadata'],
    ['fd00:ec2::254', 'metadata'],
    ['FD00:0EC2:0::254', 'metadata'],
    ['fd00:ec2::254%eth0', 'metadata'],
  ])('%s is %s', (ip, kind) => {
    expect(classifyAddress(ip)).toBe(kind)
  })

  test.each([
    ['mapped', '::ffff:10.0.0.1', '::ffff:169.254.169.254', '::ffff:8.8.8.8'],
    ['translated', '::ffff:0:10.0.0.1', '::ffff:0:169.254.169.254', '::ffff:0:8.8.8.8'],
    ['compatible', '::10.0.0.1', '::169.254.169.254', '::8.8.8.8'],
    ['NAT64 with a local prefix', '64:ff9b:1::10.0.0.1', '64:ff9b:1::169.254.169.254', '64:ff9b:1::8.8.8.8'],
    ['6to4', '2002:a00:1::', '2002:a9fe:a9fe::', '2002:808:808::'],
    ['Teredo', '2001:0:1::f5ff:fffe', '2001:0:1::5601:5601', '2001:0:1::f7f7:f7f7'],
  ])('%s: an IPv4 address inside an IPv6 one keeps its kind, a public one is special', (_, ...ips) => {
    expect(ips.map(classifyAddress)).toEqual(['private', 'metadata', 'special'])
  })

  test('through NAT64 an IPv4 address is what it is', () => {
    expect(classifyAddress('64:ff9b::8.8.8.8')).toBe('public')
    expect(classifyAddress('64:ff9b::127.0.0.1')).toBe('loopback')
    expect(classifyAddress('64:ff9b::169.254.169.254')).toBe('metadata')
  })

  test.each(['', 'localhost', '127.1', '0x7f000001', '2130706433', '1.2.3.4.5', '::1]'])(
    '%j is no address, so it is special',
    (text) => {
      expect(classifyAddress(text)).toBe('special')
    },
  )
})

describe('the allow-list', () => {
  test('public addresses need no entry, others do', () => {
    expect(isAllowed('8.8.8.8', 443, publicOnly())).toBe(true)
    expect(isAllowed('10.0.0.1', 443, publicOnly())).toBe(false)
    expect(isAllowed('10.0.0.1', 443, allowing('10.0.0.0/8'))).toBe(true)
    expect(isAllowed('192.168.0.1', 443, allowing('10.0.0.0/8'))).toBe(false)
  })

  test('an entry with a port allows that port only', () => {
    const allow = allowing('10.1.0.0/16:8080', 'fd00::/8:8080', '[::1]:9000')
    expect(isAllowed('10.1.2.3', 8080, allow)).toBe(true)
    expect(isAllowed('10.1.2.3', 80, allow)).toBe(false)
    expect(isAllowed('fd00::1', 8080, allow)).toBe(true)
    expect(isAllowed('fd00::1', 80, allow)).toBe(false)
    expect(isAllowed('::1', 9000, allow)).toBe(true)
    expect(isAllowed('::1', 9001, allow)).toBe(false)
  })

  test('a metadata address is refused however wide the list, wrapped or not', () => {
    const everything = allowing('0.0.0.0/0', '::/0')
    expect(isAllowed('10.0.0.1', 80, everything)).toBe(true)
    for (const ip of ['169.254.169.254', '::ffff:169.254.169.254', '2002:a9fe:a9fe::', 'fd00:ec2::254']) {
      expect(isAllowed(ip, 80, everything)).toBe(false)
    }
  })

  test('naming an address does not name its wrappings', () => {
    expect(isAllowed('::ffff:127.0.0.1', 80, allowing('127.0.0.0/8'))).toBe(false)
    expect(isAllowed('::ffff:127.0.0.1', 80, allowing('::ffff:127.0.0.0/104'))).toBe(true)
  })

  test('what is no address is never allowed', () => {
    expect(isAllowed('localhost', 80, allowing('0.0.0.0/0', '::/0'))).toBe(false)
  })

  test('development allows loopback and no more', () => {
    expect(isAllowed('127.0.0.1', 1, developmentAllow())).toBe(true)
    expect(isAllowed('::1', 1, developmentAllow())).toBe(true)
    expect(isAllowed('0.0.0.0', 1, developmentAllow())).toBe(false)
    expect(isAllowed('192.168.0.1', 1, developmentAllow())).toBe(false)
  })

  test.each(['192.168.1.7', '192.168.1.7:80', 'fd00::1', '[fd00::1]', ' 10.0.0.0/8 '])(
    '%j is an entry',
    (text) => {
      expect(parseAllowList([text]).ok).toBe(true)
    },
  )

  test.each([
    ['', 'is not an IP range'],
    ['localhost', 'is not an IP range'],
    ['10.0.0.0/8:http', 'is not an IP range'],
    ['010.0.0.0/8', 'is not an IP range'],
    ['[::1', 'is not an IP range'],
    ['10.0.0.0/33', 'has a prefix longer than 32 bits'],
    ['fd00::/129', 'has a prefix longer than 128 bits'],
    ['10.0.0.0/8:0', 'has a port outside'],
    ['10.0.0.0/8:70000', 'has a port outside'],
    ['10.1.2.3/16', 'write 10.1.0.0/16'],
    ['169.254.169.254', 'never allowed'],
    ['fd00:ec2::254/128:80', 'never allowed'],
  ])('%j is refused: it %s', (text, reason) => {
    expect(parseAllowList(['127.0.0.0/8', text])).toEqual({
      ok: false,
      reason: expect.stringContaining(reason),
    })
  })
})

describe('a host checked without DNS', () => {
  const reasonOf = (text: string, allow: AllowList) => {
    const checked = checkLiteralHost(new URL(text), allow)
    return checked.ok ? 'accepted' : checked.reason
  }

  test.each([
    ['http://169.254.169.254/latest', 'must not call a cloud metadata address: 169.254.169.254'],
    ['http://10.0.0.1/', 'must not call a private address: 10.0.0.1'],
    ['http://127.0.0.1:8080/', 'must not call a loopback address: 127.0.0.1'],
    ['http://100.64.0.1/', 'must not call a carrier-grade NAT address: 100.64.0.1'],
    ['http://[fe80::1]/', 'must not call a link-local address: fe80::1'],
    ['http://[::ffff:10.0.0.1]/', 'must not call a private address: ::ffff:a00:1'],
    ['http://0/', 'must not call a special-purpose address: 0.0.0.0'],
    ['http://localhost/', 'must not call a loopback address: localhost'],
    ['http://x.localhost./', 'must not call a loopback address: x.localhost'],
    ['http://metadata.google.internal/', 'must not call a cloud metadata address: metadata.google.internal'],
  ])('%s is refused', (text, reason) => {
    expect(reasonOf(text, publicOnly())).toBe(reason)
  })

  test('public literals and other names are accepted', () => {
    expect(reasonOf('https://8.8.8.8/', publicOnly())).toBe('accepted')
    expect(reasonOf('https://example.com/', publicOnly())).toBe('accepted')
    expect(reasonOf('http://db/', publicOnly())).toBe('accepted')
  })

  test('the allow-list is asked with the port the URL means', () => {
    expect(reasonOf('https://127.0.0.1/', allowing('127.0.0.0/8:443'))).toBe('accepted')
    expect(reasonOf('http://127.0.0.1/', allowing('127.0.0.0/8:443'))).toContain('must not call')
    expect(reasonOf('http://localhost:3000/', developmentAllow())).toBe('accepted')
    expect(reasonOf('http://localhost:3000/', allowing('[::1]:3000'))).toBe('accepted')
    expect(reasonOf('http://metadata.google.internal/', allowing('0.0.0.0/0'))).toContain('metadata')
  })
})
