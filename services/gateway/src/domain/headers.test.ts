import { expect, test } from 'vitest'
import { passAnswerFields, passAnswerHeaders, passRequestFields, passRequestHeaders } from './headers.ts'

const peer = { address: '192.0.2.7', proto: 'http' } as const
const forwarded = ['x-forwarded-for', '192.0.2.7', 'x-forwarded-proto', 'http']

test('what is about one connection ends here, everything else is passed as it was sent', () => {
  const raw = [
    'Host',
    'strait.example',
    'Accept',
    'a',
    'aCCept',
    'b',
    'Connection',
    'keep-alive, X-Mine',
    'X-mine',
    '1',
  ]
  const ends = [
    'Keep-Alive',
    '5',
    'TE',
    'gzip',
    'Transfer-Encoding',
    'chunked',
    'Upgrade',
    'h2c',
    'HTTP2-Settings',
    'A',
  ]
  const more = ['Proxy-Authorization', 'x', 'Proxy-Connection', 'close', 'Expect', '100-continue']
  expect(passRequestHeaders([...raw, ...ends, ...more], peer)).toEqual([
    ...['Host', 'strait.example', 'Accept', 'a', 'aCCept', 'b'],
    ...forwarded,
  ])
  expect(
    passAnswerHeaders(['Set-Cookie', 'a', 'Set-Cookie', 'b', 'Connection', 'close', 'Date', 'now']),
  ).toEqual(['Set-Cookie', 'a', 'Set-Cookie', 'b', 'Date', 'now'])
})

test('a connection header cannot take away how a body is framed or whom a request is for', () => {
  const raw = [
    'Connection',
    'Host, content-length,Content-Type, authorization',
    'Host',
    'a',
    'Content-Length',
    '3',
  ]
  const more = ['Content-Type', 'application/json', 'Authorization', 'Bearer x']
  expect(passRequestHeaders([...raw, ...more], peer)).toEqual([
    ...['Host', 'a', 'Content-Length', '3', 'Content-Type', 'application/json'],
    ...forwarded,
  ])
})

test('the address of the caller is added to those before it, and cannot be named away', () => {
  const raw = [
    'X-Forwarded-For',
    '10.0.0.1',
    'x-forwarded-for',
    '10.0.0.2, 10.0.0.3',
    'X-Forwarded-Proto',
    'https',
  ]
  const named = ['Connection', 'x-forwarded-for, x-forwarded-proto']
  const all = ['x-forwarded-for', '10.0.0.1, 10.0.0.2, 10.0.0.3, 192.0.2.7', 'x-forwarded-proto', 'http']
  expect(passRequestHeaders([...raw, ...named], peer)).toEqual(all)
  expect(
    passRequestFields({ 'x-forwarded-for': '10.0.0.1', 'x-forwarded-proto': 'https' }, peer),
  ).toMatchObject({
    'x-forwarded-for': '10.0.0.1, 192.0.2.7',
    'x-forwarded-proto': 'http',
  })
})

test('whoever reads trailers is known to do so behind the gateway', () => {
  expect(passRequestHeaders(['TE', 'gzip', 'te', 'Trailers;q=1'], peer)).toEqual([
    ...forwarded,
    'te',
    'trailers',
  ])
  expect(passRequestFields({ te: 'trailers' }, peer)).toMatchObject({ te: 'trailers' })
  expect(passRequestFields({ te: 'gzip' }, peer)).not.toHaveProperty('te')
})

test('fields of HTTP/2 keep their pseudo-headers', () => {
  const fields = {
    ':method': 'POST',
    ':path': '/a',
    ':scheme': 'https',
    ':authority': 'strait.example',
    expect: 'x',
  }
  expect(passRequestFields(fields, peer)).toEqual({
    ...{ ':method': 'POST', ':path': '/a', ':scheme': 'https', ':authority': 'strait.example' },
    ...{ 'x-forwarded-for': '192.0.2.7', 'x-forwarded-proto': 'http' },
  })
  const answer = { ':status': '200', 'set-cookie': ['a', 'b'], connection: 'x' }
  expect(passAnswerFields(answer)).toEqual({ ':status': '200', 'set-cookie': ['a', 'b'] })
})
