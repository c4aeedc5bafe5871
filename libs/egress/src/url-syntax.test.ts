import { expect, test } from 'vitest'
import { checkUrl, portOf } from './url-syntax.ts'

function reasonOf(text: string): string {
  const checked = checkUrl(text)
  return checked.ok ? 'accepted' : checked.reason
}

test.each([
  'http://example.com',
  'https://example.com/a/b?c=d&e=%20f',
  'HTTPS://Example.COM:8443/',
  'http://localhost:3000/hook',
  'http://my_service:80/',
  'http://svc.namespace.svc.cluster.local./run',
  'https://münchen.example/straße',
  'http://127.0.0.1:8080/',
  'http://[::1]:8080/',
  'http://[2001:DB8:0:0::1]/',
])('%s is accepted', (text) => {
  expect(reasonOf(text)).toBe('accepted')
})

test.each([
  ['', 'must not be empty'],
  ['example.com', 'must start with http:// or https://'],
  ['ftp://example.com/', 'must start with http:// or https://'],
  ['javascript:alert(1)', 'must start with http:// or https://'],
  ['http:example.com', 'must start with http:// or https://'],
  ['http:/example.com', 'must start with http:// or https://'],
  ['http://', 'must name a host'],
  ['http:///example.com', 'must name a host'],
  ['http://?x', 'must name a host'],
  ['http://user@example.com/', 'must not carry credentials'],
  ['http://user:secret@example.com/', 'must not carry credentials'],
  ['http://@example.com/', 'must not carry credentials'],
  ['http://ex%61mple.com/', 'must not percent-encode its host'],
  ['http://example.com/#part', 'must not have a fragment (#): it is never sent'],
  ['http://example.com:0/', 'must not use port 0'],
  ['http://example.com:65536/', 'is not a valid URL'],
  ['http://example.com:80x/', 'is not a valid URL'],
  ['http://[::1/', 'is not a valid URL'],
  ['http://256.0.0.1/', 'is not a valid URL'],
])('%j is refused: %s', (text, reason) => {
  expect(reasonOf(text)).toBe(reason)
})

test.each([
  ' http://example.com/',
  'http://example.com/ ',
  'http://exa\tmple.com/',
  'http://example.com/\r\nX-Injected: 1',
  'http://example.com\\@127.0.0.1/',
  'https://{{HOST}}/hook',
  'http://example.com/\ud800',
])('%j is refused, not repaired', (text) => {
  expect(reasonOf(text)).toContain('percent-encode them')
})

test.each([
  ['decimal', 'http://2130706433/'],
  ['octal', 'http://0177.0.0.1/'],
  ['hex', 'http://0x7f000001/'],
  ['hex parts', 'http://0x7f.0.0.1/'],
  ['short', 'http://127.1/'],
  ['full-width', 'http://１２７.0.0.1/'],
  ['dotted', 'http://127.0.0.1./'],
])('an IPv4 address in %s spelling is refused with the plain one named', (_, text) => {
  expect(reasonOf(text)).toBe('must write its IPv4 address plainly, as 127.0.0.1')
})

test.each([
  'http://a..b/',
  'http://-a.example/',
  'http://a-.example/',
  'http://*.example/',
  'http://a$b/',
  'http://./',
  `http://${'a'.repeat(64)}.example/`,
])('%s is refused for its host name', (text) => {
  expect(reasonOf(text)).toContain('has an invalid host name')
})

test('a host name longer than 253 characters is refused', () => {
  expect(reasonOf(`http://${'a.'.repeat(126)}ab/`)).toContain('at most 253')
  expect(reasonOf(`http://${'a.'.repeat(126)}a/`)).toBe('accepted')
})

test('the length limit is inclusive, and the caller may set it', () => {
  const url = `http://example.com/${'x'.repeat(2048 - 19)}`
  expect(reasonOf(url)).toBe('accepted')
  expect(reasonOf(`${url}x`)).toBe('must be at most 2048 characters')
  expect(checkUrl('http://example.com/', { maxLength: 18 }).ok).toBe(false)
})

test('the port is the written one, else that of the scheme', () => {
  expect(portOf(new URL('http://example.com'))).toBe(80)
  expect(portOf(new URL('https://example.com'))).toBe(443)
  expect(portOf(new URL('https://example.com:8443'))).toBe(8443)
})
