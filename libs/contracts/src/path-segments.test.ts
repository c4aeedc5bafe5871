import { expect, test } from 'vitest'
import { readSegments } from './path-segments.ts'

const decoded = (path: string) => {
  const segments = readSegments(path)
  return 'why' in segments ? segments.why : segments.map((segment) => segment.decoded)
}

test('a segment is decoded once', () => {
  expect(decoded('/v1/jobs/daily-report')).toEqual(['v1', 'jobs', 'daily-report'])
  expect(decoded('/v1/%C3%BC;a=b/%2525')).toEqual(['v1', 'ü;a=b', '%25'])
})

test.for([
  ...['/', '//', '/v1/', '/v1//jobs', '/v1/jobs/', '//v1/jobs'],
  ...['/.', '/v1/./jobs', '/v1/../x', '/v1/%2e%2e/x', '/v1/.%2E/x', '/v1/%2E'],
  ...['/v1/a%2fb', '/v1/a%2Fb', '/v1/a%5cb', '/v1/a\\b', '/v1/%00', '/v1/a%0ab', '/v1/%7f', '/v1/%C2%85'],
  ...['/v1/%', '/v1/%4', '/v1/%zz', '/v1/%C3', '/v1/%C0%AF', '/v1/%ED%A0%80', '/v1/%F4%90%80%80'],
  ...['/v1/a#b', '/v1/a b', '/v1/ü', '/v1/a\tb', '/v1/a"b', '/v1/{job}', '/v1/a|b', '/v1/a?b'],
])('%j is no path', (path) => {
  expect(decoded(path)).toEqual(expect.any(String))
})
