import { expect, test } from 'vitest'
import { ask, versions } from './callers.ts'
import { openGateway } from './gateway-bundle.ts'

const bytes = Buffer.from('{"openapi":"3.1.0"}')
const pages = { '/openapi.json': { contentType: 'application/json', bytes } }
const path = '/openapi.json'

test.each(versions)('the description of the API is a page, over HTTP/%i', async (version) => {
  await using gateway = await openGateway({}, {}, { pages })
  const got = await ask(version, gateway.port, { verb: 'GET', path: `${path}?x` })
  expect(got).toMatchObject({
    status: 200,
    text: bytes.toString(),
    headers: { 'content-type': 'application/json', 'cache-control': 'no-cache', 'content-length': '19' },
  })
  const etag = String(got.headers.etag)
  expect(etag).toMatch(/^"[\w-]{22}"$/)
  for (const known of [etag, `W/${etag}`, `"a", ${etag}`, '*']) {
    const again = await ask(version, gateway.port, { verb: 'GET', path, headers: { 'if-none-match': known } })
    expect(again).toMatchObject({ status: 304, text: '', headers: { etag } })
  }
  const other = await ask(version, gateway.port, { verb: 'GET', path, headers: { 'if-none-match': '"a"' } })
  expect(other.status).toBe(200)
  const head = await ask(version, gateway.port, { verb: 'HEAD', path })
  expect(head).toMatchObject({ status: 200, text: '', headers: { 'content-length': '19' } })
  const post = await ask(version, gateway.port, { path, body: 'x' })
  expect(post).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } })
})
