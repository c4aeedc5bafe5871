import { getEventListeners } from 'node:events'
import type { ServerResponse } from 'node:http'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import {
  holdTimeouts,
  onRequest,
  post,
  serveHttp,
  serveTcp,
  testEgress,
  until,
} from '../test/local-server.ts'

const keepAliveAnswer = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'

describe('a call', () => {
  test('carries method, path, headers and the exact body, and brings the answer back', async () => {
    const server = await serveHttp((response) => {
      response.writeHead(201, { 'Content-Type': 'text/plain', 'X-Twice': ['a', 'b'] })
      response.end('späte Antwort')
    })
    const body = Buffer.from('{"n": 9007199254740993, "s": "é\\u00e9"}')
    const before = Date.now()
    const result = await testEgress().request(
      post(`${server.url}a/b?c=d`, { headers: { 'content-type': 'application/json', 'X-Run': '7' }, body }),
    )
    expect(result).toMatchObject({ kind: 'response', status: 201, truncated: false })
    if (result.kind !== 'response') return
    expect(result.headers).toMatchObject({ 'content-type': 'text/plain', 'x-twice': 'a, b' })
    expect(result.body.toString()).toBe('späte Antwort')
    expect(result.sentAt).toBeGreaterThanOrEqual(before)
    expect(result.sentAt).toBeLessThanOrEqual(Date.now())
    expect(server.requests).toEqual([
      {
        method: 'POST',
        url: '/a/b?c=d',
        headers: {
          host: `127.0.0.1:${server.port}`,
          connection: 'keep-alive',
          'user-agent': 'Strait-Test',
          'content-type': 'application/json',
          'x-run': '7',
          'content-length': String(body.length),
        },
        body: body.toString(),
      },
    ])
  })

  test('may have an empty body', async () => {
    const server = await serveHttp()
    expect(await testEgress().request(post(server.url, { body: '' }))).toMatchObject({ kind: 'response' })
    expect(server.requests[0]).toMatchObject({ body: '', headers: { 'content-length': '0' } })
  })

  test('reads no proxy variable', async () => {
    const [proxy, server] = [await serveHttp(), await serveHttp()]
    for (const name of ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY']) vi.stubEnv(name, proxy.url)
    onTestFinished(() => void vi.unstubAllEnvs())
    expect(await testEgress().request(post(server.url))).toMatchObject({ kind: 'response', status: 200 })
    expect(proxy.sockets).toHaveLength(0)
  })

  test.each([
    ['a header value with a line break', { 'x-a': 'b\r\nx-injected: 1' }],
    ['a header name that is none', { 'x a': 'b' }],
    ['a Host header', { Host: 'other.example' }],
    ['a Transfer-Encoding header', { 'transfer-encoding': 'chunked' }],
    ['a false Content-Length', { 'content-length': '1' }],
  ])('with %s is refused unsent', async (_, headers) => {
    const server = await serveHttp()
    expect(await testEgress().request(post(server.url, { headers: { ...headers } }))).toMatchObject({
      kind: 'error',
      class: 'protocol',
      sent: false,
    })
    expect(server.requests).toHaveLength(0)
  })

  test('to a port where nobody listens is a connect error', async () => {
    expect(await testEgress().request(post('http://127.0.0.1:1/'))).toEqual({
      kind: 'error',
      class: 'connect',
      message: '127.0.0.1 refused the connection: ECONNREFUSED',
      sent: false,
    })
  })
})

describe('connections', () => {
  test('one connection serves call after call', async () => {
    const server = await serveHttp()
    const egress = testEgress()
    for (let n = 0; n < 3; n += 1) await egress.request(post(server.url))
    expect(server.sockets).toHaveLength(1)
    expect(egress.stats()).toEqual({ origins: 1, open: 1, idle: 1, waiting: 0 })
  })

  test('calls above the limit of an origin wait and are made in their order', async () => {
    const answers: ServerResponse[] = []
    const server = await serveHttp((response) => answers.push(response))
    const egress = testEgress({ connectionsPerOrigin: 2 })
    const results = ['/1', '/2', '/3', '/4'].map((path) => egress.request(post(server.url + path.slice(1))))
    expect(egress.stats()).toEqual({ origins: 1, open: 2, idle: 0, waiting: 2 })
    await until(() => answers.length === 2)
    answers[1]?.end()
    await until(() => answers.length === 3)
    answers[0]?.end()
    await until(() => answers.length === 4)
    for (const answer of answers) answer.end()
    expect(await Promise.all(results)).toMatchObject(Array(4).fill({ kind: 'response' }))
    expect(server.requests.slice(2).map(({ url }) => url)).toEqual(['/3', '/4'])
    expect(server.sockets).toHaveLength(2)
  })

  test('one that the server closes is forgotten, and the next call gets a new one', async () => {
    const server = await serveHttp((response) => response.writeHead(200, { connection: 'close' }).end())
    const egress = testEgress()
    expect(await egress.request(post(server.url))).toMatchObject({ kind: 'response' })
    await until(() => egress.stats().origins === 0)
    expect(await egress.request(post(server.url))).toMatchObject({ kind: 'response' })
    expect(server.sockets).toHaveLength(2)
  })

  test('one past its age is closed rather than used again', async () => {
    const server = await serveHttp()
    const egress = testEgress({ maxConnectionAgeMs: 0 })
    await egress.request(post(server.url))
    await egress.request(post(server.url))
    expect(server.sockets).toHaveLength(2)
    await until(() => egress.stats().open === 0)
  })

  test('an idle one is closed after a few seconds, and the origin forgotten', async () => {
    const time = holdTimeouts()
    const server = await serveTcp((socket) => onRequest(socket, () => socket.write(keepAliveAnswer)))
    const egress = testEgress()
    await egress.request(post(server.url))
    await time.advance(0)
    await time.advance(3_999)
    expect(egress.stats()).toEqual({ origins: 1, open: 1, idle: 1, waiting: 0 })
    await time.advance(1)
    await until(() => egress.stats().origins === 0)
    await until(() => server.sockets[0]?.closed === true)
  })

  test('no more idle ones are kept than allowed, over all origins', async () => {
    const servers = [await serveHttp(), await serveHttp(), await serveHttp()]
    const egress = testEgress({ maxIdleConnections: 2 })
    for (const server of servers) await egress.request(post(server.url))
    expect(egress.stats()).toMatchObject({ origins: 2, open: 2, idle: 2 })
    servers[0]?.sockets[0]?.destroy()
    await until(() => egress.stats().idle === 1)
    await egress.request(post(servers[2]?.url ?? ''))
    expect(egress.stats()).toMatchObject({ origins: 2, open: 2, idle: 2 })
  })

  test('one whose request was answered before it was read is not used again', async () => {
    const server = await serveTcp((socket) => {
      socket.once('data', () => {
        socket.pause()
        socket.write('HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n')
      })
    })
    const egress = testEgress()
    const large = Buffer.alloc(32 * 1024 * 1024)
    expect(await egress.request(post(server.url, { body: large }))).toMatchObject({ status: 413 })
    expect(egress.stats()).toMatchObject({ idle: 0 })
  })

  test('calls that cannot be written do not hold up, or pile up on, those behind them', async () => {
    const server = await serveHttp()
    const egress = testEgress({ connectionsPerOrigin: 1 })
    const first = egress.request(post(server.url))
    const broken = Array.from({ length: 10_000 }, () =>
      egress.request(post(server.url, { headers: { 'x y': '' } })),
    )
    const last = egress.request(post(server.url))
    expect(await Promise.all([first, last])).toMatchObject([{ status: 200 }, { status: 200 }])
    expect((await Promise.all(broken)).every((result) => result.kind === 'error' && !result.sent)).toBe(true)
  })

  test('many calls at once, some aborted, leave exact counts', async () => {
    const server = await serveHttp()
    const egress = testEgress({ connectionsPerOrigin: 8 })
    const results = await Promise.all(
      Array.from({ length: 500 }, (_, n) => {
        const abort = new AbortController()
        const result = egress.request(
          post(server.url, { signal: abort.signal, beforeSend: () => n % 7 !== 0 }),
        )
        if (n % 5 === 0) setImmediate(() => abort.abort())
        return result
      }),
    )
    const answered = results.filter(({ kind }) => kind === 'response').length
    expect(answered).toBeGreaterThan(300)
    expect(server.requests.length).toBeGreaterThanOrEqual(answered)
    const { open, idle, waiting } = egress.stats()
    expect({ waiting, working: open - idle }).toEqual({ waiting: 0, working: 0 })
  })
})

describe('beforeSend', () => {
  test('is asked once, and true sends', async () => {
    const server = await serveHttp()
    const beforeSend = vi.fn(() => true)
    expect(await testEgress().request(post(server.url, { beforeSend }))).toMatchObject({ kind: 'response' })
    expect(beforeSend).toHaveBeenCalledTimes(1)
  })

  test('false on a new connection: not a byte reaches the server', async () => {
    const server = await serveTcp((socket) => socket.resume())
    const egress = testEgress()
    expect(await egress.request(post(server.url, { beforeSend: () => false }))).toEqual({ kind: 'not_sent' })
    await until(() => server.sockets[0]?.closed === true)
    expect(server.sockets[0]?.bytesRead).toBe(0)
  })

  test('false on a reused connection: the server sees the first request only', async () => {
    const server = await serveTcp((socket) => onRequest(socket, () => socket.write(keepAliveAnswer)))
    const egress = testEgress()
    await egress.request(post(server.url))
    const bytesOfFirst = server.sockets[0]?.bytesRead
    expect(await egress.request(post(server.url, { beforeSend: () => false }))).toEqual({ kind: 'not_sent' })
    await until(() => server.sockets[0]?.closed === true)
    expect(server.sockets[0]?.bytesRead).toBe(bytesOfFirst)
    expect(server.sockets).toHaveLength(1)
  })

  test('is not asked when no connection came about', async () => {
    const beforeSend = vi.fn(() => true)
    await testEgress().request(post('http://127.0.0.1:1/', { beforeSend }))
    expect(beforeSend).not.toHaveBeenCalled()
  })

  test('if it throws, nothing is sent and the call says why', async () => {
    const server = await serveHttp()
    const beforeSend = () => {
      throw new Error('the lease cannot be read')
    }
    expect(await testEgress().request(post(server.url, { beforeSend }))).toMatchObject({
      kind: 'error',
      message: 'the lease cannot be read',
      sent: false,
    })
    expect(server.requests).toHaveLength(0)
  })
})

describe('giving up', () => {
  test('an abort closes the socket of a call in flight', async () => {
    const server = await serveTcp((socket) => socket.resume())
    const abort = new AbortController()
    const result = testEgress().request(post(server.url, { signal: abort.signal }))
    await until(() => (server.sockets[0]?.bytesRead ?? 0) > 0)
    abort.abort()
    expect(await result).toMatchObject({ kind: 'error', class: 'aborted', sent: true })
    await until(() => server.sockets[0]?.closed === true)
  })

  test('an abort while the name is being resolved ends the call at once, unsent', async () => {
    const abort = new AbortController()
    const egress = testEgress({ resolve: () => new Promise(() => undefined) })
    const result = egress.request(post('http://slow.example/', { signal: abort.signal }))
    abort.abort()
    expect(await result).toMatchObject({ kind: 'error', class: 'aborted', sent: false })
    expect(egress.stats().open).toBe(0)
  })

  test('an abort while the connection is being made closes it', async () => {
    const server = await serveTcp((socket) => socket.resume())
    const abort = new AbortController()
    const result = testEgress().request(post(server.url, { signal: abort.signal }))
    // The socket is on its way once every promise has had its turn, and there only after the next event.
    await new Promise((resolve) => process.nextTick(resolve))
    abort.abort()
    expect(await result).toMatchObject({ kind: 'error', class: 'aborted', sent: false })
    await until(() => server.sockets[0]?.closed === true)
    expect(server.sockets[0]?.bytesRead).toBe(0)
  })

  test('an abort during the TLS handshake closes the socket at once', async () => {
    const greeted = Promise.withResolvers<void>()
    const server = await serveTcp((socket) => socket.on('data', () => greeted.resolve()))
    const abort = new AbortController()
    const egress = testEgress({ connectTimeoutMs: 600_000 })
    const result = egress.request(post(`https://127.0.0.1:${server.port}/`, { signal: abort.signal }))
    await greeted.promise
    abort.abort()
    expect(await result).toMatchObject({ kind: 'error', class: 'aborted', sent: false })
    await until(() => server.sockets[0]?.closed === true)
  })

  test('a signal shared by many calls keeps nothing of those that ended', async () => {
    const server = await serveHttp()
    const egress = testEgress()
    const { signal } = new AbortController()
    const calls = Array.from({ length: 20 }, () => egress.request(post(server.url, { signal })))
    expect(getEventListeners(signal, 'abort')).toHaveLength(20)
    await Promise.all(calls)
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })

  test('an aborted signal keeps a call from being made at all', async () => {
    const server = await serveHttp()
    const result = await testEgress().request(post(server.url, { signal: AbortSignal.abort() }))
    expect(result).toMatchObject({ kind: 'error', class: 'aborted', sent: false })
    expect(server.sockets).toHaveLength(0)
  })

  test('a call whose deadline passes while it waits for a connection was not sent', async () => {
    const server = await serveTcp((socket) => socket.resume())
    const abort = new AbortController()
    const egress = testEgress({ connectionsPerOrigin: 1 })
    const first = egress.request(post(server.url, { signal: abort.signal }))
    const second = await egress.request(post(server.url, { timeoutMs: 30 }))
    expect(second).toMatchObject({ kind: 'error', class: 'timeout', sent: false })
    abort.abort()
    await first
  })

  test('close ends what is in flight or waiting and refuses what comes after', async () => {
    const server = await serveTcp((socket) => socket.resume())
    const egress = testEgress({ connectionsPerOrigin: 1 })
    const calls = [egress.request(post(server.url)), egress.request(post(server.url))]
    await until(() => (server.sockets[0]?.bytesRead ?? 0) > 0)
    await Promise.all([egress.close(), egress.close()])
    expect(await Promise.all(calls)).toMatchObject([
      { class: 'aborted', sent: true },
      { class: 'aborted', sent: false },
    ])
    expect(await egress.request(post(server.url))).toMatchObject({ class: 'aborted', sent: false })
    await until(() => server.sockets[0]?.closed === true)
    expect(server.sockets).toHaveLength(1)
  })
})
