import { expect, test } from 'vitest'
import { createAddressReader, parseRange } from './client-address.ts'
import type { Request } from './http-types.ts'

const from = (remoteAddress: string | undefined, forwarded?: string) =>
  ({ socket: { remoteAddress }, headers: { 'x-forwarded-for': forwarded } }) as unknown as Request

test('without trusted proxies the connection is what counts, whatever a header says', () => {
  const read = createAddressReader([])
  expect(read(from('203.0.113.9', '198.51.100.1'))).toBe('203.0.113.9')
  expect(read(from('::ffff:203.0.113.9'))).toBe('203.0.113.9')
  expect(read(from(undefined))).toBe('')
})

test('a trusted proxy is believed, and nothing that came before an untrusted one', () => {
  const read = createAddressReader(['10.0.0.0/8', 'fd00::/8', '192.0.2.1'])
  expect(read(from('10.1.2.3', '198.51.100.1'))).toBe('198.51.100.1')
  expect(read(from('10.1.2.3', '6.6.6.6, 198.51.100.1, 10.9.9.9'))).toBe('198.51.100.1')
  expect(read(from('192.0.2.1', '198.51.100.1'))).toBe('198.51.100.1')
  expect(read(from('192.0.2.2', '198.51.100.1'))).toBe('192.0.2.2')
  expect(read(from('10.1.2.3'))).toBe('10.1.2.3')
  expect(read(from('10.1.2.3', 'unknown'))).toBe('10.1.2.3')
})

test('a network of IPv6 counts as one address', () => {
  const read = createAddressReader([])
  expect(read(from('2001:db8:1:2::1'))).toBe(read(from('2001:db8:1:2:ffff::9')))
  expect(read(from('2001:db8:1:2::1'))).not.toBe(read(from('2001:db8:1:3::1')))
})

test.each(['', '10.0.0.0/33', '10.0.0/8x', 'proxy', '1.2.3.4/8/8'])('%j is no range', (text) => {
  expect(parseRange(text)).toBeUndefined()
})
