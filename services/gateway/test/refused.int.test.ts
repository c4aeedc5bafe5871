// What never reaches a service: paths that are none, paths of internal services in every disguise, and requests whose framing two
// servers could read in two ways.

import { once } from 'node:events'
import { connect as http2Connect } from 'node:http2'
import { waitFor } from '@strait/testkit/wait-for'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ask, openRaw, sayRaw, versions } from './callers.ts'
import { type Behind, type Gateway, getJob, openBehind, openGateway } from './gateway-bundle.ts'

const inside = 'strait.catalog.v1.CatalogInternalService/VerifyKeys'

/** A gateway before two services of which nothing may be seen. */
async function setup() {
  const stack = new AsyncDisposableStack()
  const catalog: Behind = stack.use(await openBehind())
  const dispatcher: Behind = stack.use(await openBehind())
  const gateway: Gateway = stack.use(
    await openGateway({ catalog: catalog.port, dispatcher: dispatcher.port }),
  )
  const reached = () => [...catalog.seen, ...dispatcher.seen].map(({ url }) => url)
  return { gateway, reached, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

describe.each(versions)('over HTTP/%i', (version) => {
  test.each([
    ...[
      `/${inside}`,
      `/${inside}?x`,
      `//${inside}`,
      `/./${inside}`,
      `/v1/../${inside}`,
      `/v1/%2e%2e/${inside}`,
    ],
    ...[
      `/v1/jobs/..%2f..%2f${inside}`,
      `/v1/jobs/a;/../../${inside}`,
      '/v1/jobs/a%00',
      '/v1//jobs/a',
      '/v1/jobs/a/',
    ],
    ...['/strait.catalog.v1.JobService/Nothing', '/strait.nobody.v1.Service/Method', '/', '/healthz'],
  ])('%s is not there, whatever token is shown', async (path) => {
    await using all = await setup()
    const headers = { authorization: 'Bearer the token of the services', 'content-type': 'application/json' }
    const answer = await ask(version, all.gateway.port, { path, headers, body: '{}' })
    expect(answer.status).toBe(404)
    const said = JSON.parse(answer.text)
    if (path.startsWith('/v1/')) {
      expect(answer.headers['content-type']).toBe('application/problem+json')
      expect(said).toMatchObject({
        type: 'about:blank',
        title: 'Not Found',
        status: 404,
        reason: 'NOT_IMPLEMENTED',
      })
    } else expect(said).toMatchObject({ code: 'unimplemented' })
    expect(all.reached()).toEqual([])
  })
})

test('gRPC is told in its own words', async () => {
  await using all = await setup()
  const headers = { 'content-type': 'application/grpc', te: 'trailers' }
  const answer = await ask(2, all.gateway.port, { path: `/${inside}`, headers, body: Buffer.alloc(5) })
  expect(answer).toMatchObject({ status: 200, trailers: { 'grpc-status': '12' } })
  expect(all.reached()).toEqual([])
})

test.each([
  ['another origin', `POST http://other/${inside} HTTP/1.1`],
  ['another origin, with a path that is public', `POST http://other${getJob} HTTP/1.1`],
  ['an authority', 'CONNECT other:80 HTTP/1.1'],
  ['a fragment', `POST ${getJob}# HTTP/1.1`],
  ['an asterisk', 'OPTIONS * HTTP/1.1'],
])('%s in the first line leads nowhere', async (_, line) => {
  await using all = await setup()
  const heard = await sayRaw(all.gateway.port, `${line}\r\nHost: x\r\nConnection: close\r\n\r\n`)
  expect(heard).toMatch(/^(?:HTTP\/1\.1 (?:404|400) |$)/)
  expect(all.reached()).toEqual([])
})

const first = `POST ${getJob} HTTP/1.1\r\nHost: x\r\n`

test.each([
  ['a length and chunks', `${first}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ['chunks and a length', `${first}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n`],
  ['two lengths', `${first}Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde`],
  ['the same length twice', `${first}Content-Length: 4\r\nContent-Length: 4\r\n\r\nabcd`],
  ['two lengths in one', `${first}Content-Length: 4, 5\r\n\r\nabcde`],
  ['a length with a sign', `${first}Content-Length: +4\r\n\r\nabcd`],
  ['chunks that are not last', `${first}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`],
  ['chunks by another name', `${first}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
  ['a folded header', `${first}X-A: b\r\n c\r\n\r\n`],
  ['a bare line feed', `${first}X-A: b\nX-B: c\r\n\r\n`],
  ['a bare carriage return', `${first}X-A: b\rX-B: c\r\n\r\n`],
  ['a blank before the colon', `${first}Content-Length : 4\r\n\r\nabcd`],
  ['a chunk size that is none', `${first}Transfer-Encoding: chunked\r\n\r\n0x4\r\nabcd\r\n0\r\n\r\n`],
  ['a chunk longer than it says', `${first}Transfer-Encoding: chunked\r\n\r\n2\r\nabcd\r\n0\r\n\r\n`],
  ['a null in a header', `${first}X-A: \0\r\n\r\n`],
  ['no host', `POST ${getJob} HTTP/1.1\r\n\r\n`],
])('a request with %s is refused and the connection ends', async (_, bytes) => {
  await using all = await setup()
  const heard = await sayRaw(all.gateway.port, `${bytes}GET /v1/jobs/smuggled HTTP/1.1\r\nHost: x\r\n\r\n`)
  expect(heard).toMatch(/HTTP\/1\.1 400 /)
  expect(heard).not.toContain('200 OK')
  expect(all.reached()).not.toContain('/v1/jobs/smuggled')
})

test('chunks of a request that has no body by its verb stay chunks', async () => {
  await using all = await setup()
  const body = 'GET /v1/jobs/smuggled HTTP/1.1\r\nHost: x\r\n\r\n'
  const chunks = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`
  const socket = await openRaw(all.gateway.port)
  socket.write(`GET /v1/jobs/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`)
  socket.write(
    'GET /v1/jobs/b HTTP/1.1\r\nHost: x\r\nConnection: close, Transfer-Encoding, Content-Length\r\n\r\n',
  )
  await once(socket.resume(), 'close')
  expect(all.reached()).toEqual(['/v1/jobs/a', '/v1/jobs/b'])
})

test('headers beyond 16 KiB are refused over either version', async () => {
  await using all = await setup()
  const large = 'x'.repeat(20_000)
  expect(await sayRaw(all.gateway.port, `${first}X-Large: ${large}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /)
  const session = http2Connect(all.gateway.url)
  onTestFinished(() => session.destroy())
  await once(session, 'remoteSettings')
  const stream = session.request({ ':method': 'POST', ':path': getJob, 'x-large': large })
  await once(stream, 'error')
  expect(all.reached()).toEqual([])
})

test('a caller that resets two hundred calls at once leaves the others served', async () => {
  await using all = await setup()
  const session = http2Connect(all.gateway.url)
  session.on('error', () => undefined)
  onTestFinished(() => session.destroy())
  await once(session, 'remoteSettings')
  for (let i = 0; i < 200; i++) {
    const stream = session.request({ ':method': 'POST', ':path': getJob })
    stream.on('error', () => undefined).close(8)
  }
  expect(await ask(2, all.gateway.port, { path: getJob })).toMatchObject({ status: 200 })
  expect(await ask(1, all.gateway.port, { path: getJob })).toMatchObject({ status: 200 })
  const isQuiet = async () => /strait_gateway_in_flight\{[^}]*\} 0/.test(await all.gateway.metrics())
  await waitFor(isQuiet, { what: 'nothing to be under way' })
})
