import type { Socket } from 'node:net'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import {
  holdTimeouts,
  type LocalServer,
  onRequest,
  post,
  serveHttp,
  serveTcp,
  serveTls,
  testEgress,
  until,
} from '../test/local-server.ts'
import { certificate } from '../test/localhost-certificate.ts'
import { developmentAllow, parseAllowList, publicOnly } from './address.ts'
import { EgressError } from './egress-result.ts'
import { peerProblem } from './open-socket.ts'

const answer = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'

/** A resolver that answers with each list in turn, then with the last one again. */
function resolving(...answers: string[][]) {
  return vi.fn(async () => (answers.length > 1 ? answers.shift() : answers[0]) ?? [])
}

/** Shows that the server would have seen a connection: the only one it saw is this one. */
async function sawNothing(server: LocalServer): Promise<void> {
  await testEgress().request(post(server.url))
  expect(server.sockets).toHaveLength(1)
}

describe('a forbidden literal', () => {
  test.each([
    ['plain', 'http://127.0.0.1:PORT/', 'is a loopback address'],
    ['IPv6', 'http://[::1]:PORT/', 'is a loopback address'],
    ['mapped', 'http://[::ffff:127.0.0.1]:PORT/', 'is a loopback address'],
    ['mapped, in hex', 'http://[::ffff:7f00:1]:PORT/', 'is a loopback address'],
    ['compatible', 'http://[::127.0.0.1]:PORT/', 'is a loopback address'],
    ['NAT64', 'http://[64:ff9b::127.0.0.1]:PORT/', 'is a loopback address'],
    ['6to4', 'http://[2002:7f00:1::]:PORT/', 'is a loopback address'],
    ['unspecified', 'http://0.0.0.0:PORT/', 'is a special-purpose address'],
    ['unspecified IPv6', 'http://[::]:PORT/', 'is a special-purpose address'],
    ['decimal', 'http://2130706433:PORT/', 'plainly, as 127.0.0.1'],
    ['octal', 'http://0177.0.0.1:PORT/', 'plainly, as 127.0.0.1'],
    ['hex', 'http://0x7f000001:PORT/', 'plainly, as 127.0.0.1'],
    ['short', 'http://127.1:PORT/', 'plainly, as 127.0.0.1'],
    ['zero', 'http://0:PORT/', 'plainly, as 0.0.0.0'],
    ['full-width', 'http://１２７.0.0.1:PORT/', 'plainly, as 127.0.0.1'],
    ['behind credentials', 'http://example.com@127.0.0.1:PORT/', 'credentials'],
    ['behind a backslash', 'http://example.com\\@127.0.0.1:PORT/', 'percent-encode'],
  ])('(%s) %s is refused without a connection', async (_, text, reason) => {
    const server = await serveHttp()
    const result = await testEgress({ allow: publicOnly() }).request(
      post(text.replace('PORT', String(server.port))),
    )
    expect(result).toMatchObject({ kind: 'error', class: 'blocked', sent: false })
    expect(result).toHaveProperty('message', expect.stringContaining(reason))
    await sawNothing(server)
  })

  test('in a wrapping is refused though the plain address is allowed', async () => {
    const server = await serveHttp()
    const result = await testEgress().request(post(`http://[::ffff:127.0.0.1]:${server.port}/`))
    expect(result).toMatchObject({ class: 'blocked', sent: false })
    await sawNothing(server)
  })

  test('a metadata address is refused under the widest allow-list', async () => {
    const everything = parseAllowList(['0.0.0.0/0', '::/0'])
    if (!everything.ok) throw new Error(everything.reason)
    const egress = testEgress({ allow: everything.allow })
    expect(await egress.request(post('http://169.254.169.254/latest/meta-data/'))).toEqual({
      kind: 'error',
      class: 'blocked',
      message: '169.254.169.254 is a cloud metadata address',
      sent: false,
    })
  })
})

describe('a name', () => {
  test('that resolves to a forbidden address is refused, and the address stays unsaid', async () => {
    const server = await serveHttp()
    const egress = testEgress({ allow: publicOnly(), resolve: resolving(['127.0.0.1']) })
    expect(await egress.request(post(`http://inside.example:${server.port}/`))).toEqual({
      kind: 'error',
      class: 'blocked',
      message: 'inside.example resolves to a loopback address',
      sent: false,
    })
    await sawNothing(server)
  })

  test.each([
    ['first', ['10.0.0.1', '127.0.0.1']],
    ['last', ['127.0.0.1', '127.0.0.1', '169.254.169.254']],
    ['no address at all', ['127.0.0.1', 'garbage']],
  ])('with one forbidden address (%s) among allowed ones is refused', async (_, addresses) => {
    const server = await serveHttp()
    const egress = testEgress({ resolve: resolving(addresses) })
    const result = await egress.request(post(`http://mixed.example:${server.port}/`))
    expect(result).toMatchObject({ class: 'blocked', sent: false })
    await sawNothing(server)
  })

  test('is resolved by the system when nothing else is given', async () => {
    const server = await serveHttp()
    const forbidden = testEgress({ allow: publicOnly() })
    expect(await forbidden.request(post(`http://localhost:${server.port}/`))).toMatchObject({
      class: 'blocked',
    })
    expect(await testEgress().request(post(`http://localhost:${server.port}/`))).toMatchObject({
      status: 200,
    })
    expect(server.sockets).toHaveLength(1)
  })

  test('is resolved once for a connection; the answer after that cannot move it', async () => {
    const server = await serveHttp()
    const resolve = resolving(['127.0.0.1'], ['169.254.169.254'])
    const egress = testEgress({ resolve })
    const url = `http://rebinding.example:${server.port}/`
    expect(await egress.request(post(url))).toMatchObject({ status: 200 })
    expect(await egress.request(post(url))).toMatchObject({ status: 200 })
    expect(resolve).toHaveBeenCalledTimes(1)
    expect(server.sockets).toHaveLength(1)
    expect(server.requests[0]?.headers.host).toBe(`rebinding.example:${server.port}`)
  })

  test('that moves to a forbidden address is refused at the next connection', async () => {
    const server = await serveHttp()
    const resolve = resolving(['127.0.0.1'], ['169.254.169.254'])
    const egress = testEgress({ resolve, maxConnectionAgeMs: 0 })
    const url = `http://rebinding.example:${server.port}/`
    expect(await egress.request(post(url))).toMatchObject({ status: 200 })
    expect(await egress.request(post(url))).toMatchObject({ class: 'blocked', sent: false })
    expect(server.sockets).toHaveLength(1)
  })

  test('is checked again when the server closes the connection between two calls', async () => {
    const server = await serveHttp((response) => response.writeHead(200, { connection: 'close' }).end())
    const resolve = resolving(['127.0.0.1'], ['169.254.169.254'])
    const egress = testEgress({ resolve })
    const url = `http://rebinding.example:${server.port}/`
    expect(await egress.request(post(url))).toMatchObject({ status: 200 })
    expect(await egress.request(post(url))).toMatchObject({ class: 'blocked', sent: false })
    expect(server.sockets).toHaveLength(1)
  })

  test('with a dead address is reached by its next one', async () => {
    const server = await serveHttp()
    const egress = testEgress({ resolve: resolving(['::1', '127.0.0.1']), connectTimeoutMs: 2_000 })
    expect(await egress.request(post(`http://two.example:${server.port}/`))).toMatchObject({ status: 200 })
  })

  test('is looked up once for connections opened together', async () => {
    const server = await serveHttp()
    const resolve = resolving(['127.0.0.1'])
    const egress = testEgress({ resolve })
    const url = `http://busy.example:${server.port}/`
    await Promise.all(Array.from({ length: 20 }, () => egress.request(post(url))))
    expect(resolve).toHaveBeenCalledTimes(1)
    expect(server.sockets).toHaveLength(20)
  })

  test.each([
    ['fails', async () => Promise.reject(Object.assign(new Error('x'), { code: 'ENOTFOUND' })), 'ENOTFOUND'],
    ['is empty', async () => [], 'no address'],
    ['does not come', () => new Promise<string[]>(() => undefined), 'within 40 ms'],
  ])('whose look-up %s is a dns error', async (_, resolve, message) => {
    const egress = testEgress({ resolve, connectTimeoutMs: 40 })
    const result = await egress.request(post('http://nowhere.example/'))
    expect(result).toMatchObject({ kind: 'error', class: 'dns', sent: false })
    expect(result).toHaveProperty('message', expect.stringContaining(message))
  })
})

describe('the peer of a connection', () => {
  const target = { origin: 'http://a.example', host: 'a.example', port: 80, secure: false }

  test('must be an approved address itself', () => {
    expect(peerProblem(target, '127.0.0.1', developmentAllow())).toBeNull()
    expect(peerProblem(target, '8.8.8.8', developmentAllow())).toBeNull()
    expect(peerProblem(target, '10.0.0.1', developmentAllow())).toEqual(
      new EgressError('blocked', 'a.example was answered by a private address'),
    )
    expect(peerProblem(target, undefined, developmentAllow())?.errorClass).toBe('connect')
  })
})

describe('TLS', () => {
  const serve = () => serveTls((socket) => onRequest(socket, () => socket.write(answer)))

  test('is spoken with the name of the URL on the approved address', async () => {
    const server = await serve()
    const egress = testEgress({ ca: certificate, resolve: resolving(['127.0.0.1']) })
    const url = `https://strait.test:${server.port}/`
    expect(await egress.request(post(url))).toMatchObject({ status: 200 })
    expect(await egress.request(post(url))).toMatchObject({ status: 200 })
    expect(server.sockets).toHaveLength(1)
  })

  test('an address in the URL must be in the certificate', async () => {
    const server = await serve()
    const egress = testEgress({ ca: certificate })
    expect(await egress.request(post(`https://127.0.0.1:${server.port}/`))).toMatchObject({ status: 200 })
  })

  test.each([
    ['nobody vouches for', 'strait.test', undefined, 'self-signed certificate'],
    ['is for another name', 'other.test', certificate, "is not in the cert's altnames"],
  ])('a certificate that %s is refused before anything is sent', async (_, name, ca, message) => {
    let received = 0
    const server = await serveTls((socket) => onRequest(socket, () => (received += 1)))
    const egress = testEgress({ ca, resolve: resolving(['127.0.0.1']) })
    const result = await egress.request(post(`https://${name}:${server.port}/`))
    expect(result).toMatchObject({ kind: 'error', class: 'tls', sent: false })
    expect(result).toHaveProperty('message', expect.stringContaining(message))
    expect(received).toBe(0)
  })

  test('certificates are checked whatever the environment says', async () => {
    vi.spyOn(process, 'emitWarning').mockReturnValue()
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
    onTestFinished(() => {
      vi.unstubAllEnvs()
      vi.restoreAllMocks()
    })
    const server = await serve()
    const result = await testEgress().request(post(`https://127.0.0.1:${server.port}/`))
    expect(result).toMatchObject({ class: 'tls', sent: false })
  })

  test.each([
    ['speaks something else', (socket: Socket) => void socket.resume().end('HTTP/1.1 400 No\r\n\r\n')],
    ['hangs up', (socket: Socket) => void socket.destroy()],
  ])('with a server that %s is a tls error', async (_, act) => {
    const server = await serveTcp(act)
    const egress = testEgress()
    expect(await egress.request(post(`https://127.0.0.1:${server.port}/`))).toMatchObject({
      kind: 'error',
      class: 'tls',
      sent: false,
    })
    await until(() => server.sockets[0]?.closed === true)
  })

  test('with a server that says nothing is a tls error when the time to connect is over', async () => {
    const time = holdTimeouts()
    const greeted = Promise.withResolvers<void>()
    const server = await serveTcp((socket) => socket.on('data', () => greeted.resolve()))
    const result = testEgress({ connectTimeoutMs: 5_000 }).request(post(`https://127.0.0.1:${server.port}/`))
    await greeted.promise
    await time.advance(5_000)
    expect(await result).toMatchObject({ kind: 'error', class: 'tls', sent: false })
    await until(() => server.sockets[0]?.closed === true)
  })
})
