import type { Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, test, vi } from 'vitest'
import {
  holdTimeouts,
  onRequest,
  post,
  serveHttp,
  serveTcp,
  testEgress,
  until,
} from '../test/local-server.ts'

/** Serves bytes as they are, once per request. */
function serveRaw(answer: (socket: Socket, count: number) => void) {
  return serveTcp((socket) => onRequest(socket, (count) => answer(socket, count)))
}

/** Writes the same little text twenty times, each a chunk of its own. */
async function drip(socket: Socket | undefined, text: string): Promise<void> {
  for (let n = 0; n < 20; n += 1) {
    socket?.write(text)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

describe('the deadline', () => {
  const ok = 'HTTP/1.1 200 OK\r\n'
  test.each<[string, string, string]>([
    ['never answers', '', ''],
    ['drips its headers', `${ok}x: `, 'a'],
    ['drips its body', `${ok}content-length: 100000\r\n\r\n`, 'a'],
    ['drips a body without length', `${ok}\r\n`, 'a'],
    ['drips chunks', `${ok}transfer-encoding: chunked\r\n\r\n`, '1\r\na\r\n'],
    ['promises more than it sends', `${ok}content-length: 9\r\n\r\nok`, ''],
    ['announces an answer for ever', '', 'HTTP/1.1 103 Early Hints\r\n\r\n'],
  ])('cuts an endpoint that %s, and closes its socket', async (_, head, text) => {
    const time = holdTimeouts()
    const received = Promise.withResolvers<void>()
    const server = await serveRaw((socket) => {
      socket.write(head)
      received.resolve()
    })
    const ended = vi.fn()
    const result = testEgress().request(post(server.url, { timeoutMs: 600_000 }))
    void result.then(ended)
    await received.promise
    await drip(server.sockets[0], text)
    await time.advance(400_000)
    await drip(server.sockets[0], text)
    await time.advance(199_999)
    expect(ended).not.toHaveBeenCalled()
    await time.advance(1)
    expect(ended).toHaveBeenCalledTimes(1)
    expect(await result).toEqual({
      kind: 'error',
      class: 'timeout',
      message: 'no complete answer within 600000 ms',
      sent: true,
    })
    await until(() => server.sockets[0]?.closed === true)
  })

  test('cuts an endpoint that does not read the request', async () => {
    const time = holdTimeouts()
    const accepted = Promise.withResolvers<void>()
    const server = await serveTcp((socket) => {
      socket.pause()
      accepted.resolve()
    })
    const body = Buffer.alloc(32 * 1024 * 1024)
    const beforeSend = vi.fn(() => true)
    const result = testEgress().request(post(server.url, { timeoutMs: 60_000, body, beforeSend }))
    await accepted.promise
    await until(() => beforeSend.mock.calls.length === 1)
    await time.advance(60_000)
    expect(await result).toMatchObject({ class: 'timeout', sent: true })
  })

  test('is forgotten when the answer is there', async () => {
    const time = holdTimeouts()
    const server = await serveHttp()
    const egress = testEgress()
    const timersAfterCall = async () => {
      expect(await egress.request(post(server.url, { timeoutMs: 86_400_000 }))).toMatchObject({ status: 200 })
      await time.advance(0)
      return vi.getTimerCount()
    }
    const first = await timersAfterCall()
    for (let n = 0; n < 5; n += 1) expect(await timersAfterCall()).toBe(first)
    expect(server.sockets).toHaveLength(1)
  })
})

describe('a body too long', () => {
  test('is cut at the limit, and the rest is not read', async () => {
    const total = 10 * 1024 * 1024
    const server = await serveHttp((response) => response.end(Buffer.alloc(total, 'x')))
    const result = await testEgress().request(post(server.url))
    expect(result).toMatchObject({ kind: 'response', status: 200, truncated: true })
    if (result.kind !== 'response') return
    expect(result.body).toHaveLength(1024 * 1024)
    expect(result.body.buffer.byteLength).toBeLessThanOrEqual(2 * 1024 * 1024)
    await until(() => server.sockets[0]?.closed === true)
    expect(server.sockets[0]?.bytesWritten).toBeGreaterThan(0)
  })

  test('is cut though it has no end', async () => {
    const server = await serveRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      const more = () => {
        while (!socket.destroyed && socket.write(Buffer.alloc(65_536, 'x')));
      }
      socket.on('drain', more)
      more()
    })
    const result = await testEgress({ maxResponseBytes: 1000 }).request(post(server.url))
    expect(result).toMatchObject({ kind: 'response', truncated: true, body: Buffer.alloc(1000, 'x') })
  })

  test('of exactly the limit is whole', async () => {
    const server = await serveHttp((response) => response.end('x'.repeat(1000)))
    const result = await testEgress({ maxResponseBytes: 1000 }).request(post(server.url))
    expect(result).toMatchObject({ truncated: false, body: Buffer.alloc(1000, 'x') })
  })

  test('a body in a hundred thousand chunks costs no more memory than twice its length', async () => {
    const count = 100_000
    const server = await serveRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n')
      for (let n = 0; n < count; n += 1) socket.write(`1\r\n${n % 10}\r\n`)
      socket.write('0\r\n\r\n')
    })
    const result = await testEgress().request(post(server.url))
    if (result.kind !== 'response') throw new Error(JSON.stringify(result))
    expect(result.body.toString()).toBe('0123456789'.repeat(count / 10))
    expect(result.body.buffer.byteLength).toBeLessThanOrEqual(2 * count)
  })
})

describe('an answer', () => {
  test('that redirects is not followed', async () => {
    const [elsewhere, server] = [
      await serveHttp(),
      await serveHttp((r) => r.writeHead(307, { location: elsewhere.url }).end()),
    ]
    const result = await testEgress().request(post(server.url))
    expect(result).toMatchObject({ kind: 'response', status: 307, headers: { location: elsewhere.url } })
    expect(elsewhere.sockets).toHaveLength(0)
  })

  test('that is compressed is left compressed', async () => {
    const packed = gzipSync('x'.repeat(1_000_000))
    const server = await serveHttp((r) => r.writeHead(200, { 'content-encoding': 'gzip' }).end(packed))
    expect(await testEgress().request(post(server.url))).toMatchObject({ body: packed, truncated: false })
    expect(server.requests[0]?.headers).not.toHaveProperty('accept-encoding')
  })

  test('preceded by an announcement is the one that counts', async () => {
    const server = await serveRaw((socket) =>
      socket.write(
        'HTTP/1.1 103 Early Hints\r\nx: hint\r\n\r\nHTTP/1.1 200 OK\r\nx: answer\r\ncontent-length: 2\r\n\r\nok',
      ),
    )
    const result = await testEgress().request(post(server.url))
    expect(result).toMatchObject({ status: 200, headers: { x: 'answer' }, body: Buffer.from('ok') })
  })

  test.each([
    ['headers over the limit', `HTTP/1.1 200 OK\r\nx: ${'a'.repeat(2000)}\r\n\r\n`],
    ['many headers over the limit', `HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(2000)}\r\n`],
    ['something that is not HTTP', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['two different lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab'],
    [
      'a length and chunks',
      'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n',
    ],
    ['a chunk length that is none', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'],
  ])('with %s is a protocol error', async (_, text) => {
    const server = await serveRaw((socket) => socket.write(text))
    const egress = testEgress({ maxHeaderBytes: 1024 })
    expect(await egress.request(post(server.url))).toMatchObject({
      kind: 'error',
      class: 'protocol',
      sent: true,
    })
    await until(() => server.sockets[0]?.closed === true)
  })

  test.each([
    ['announcements', '', 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(2000)],
    ['chunk extensions', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;', 'a'.repeat(65_536)],
    ['a reason phrase', 'HTTP/1.1 200 ', 'a'.repeat(65_536)],
  ])('of endless %s is cut long before the deadline', async (_, head, flood) => {
    const server = await serveRaw((socket) => {
      socket.write(head)
      const more = () => {
        while (!socket.destroyed && socket.write(flood));
      }
      socket.on('drain', more)
      more()
    })
    const egress = testEgress({ maxHeaderBytes: 1024, maxResponseBytes: 1024 })
    expect(await egress.request(post(server.url, { timeoutMs: 60_000 }))).toEqual({
      kind: 'error',
      class: 'protocol',
      message: 'the answer is longer on the wire than it can be',
      sent: true,
    })
  })

  test.each([
    ['before any byte', ''],
    ['within the headers', 'HTTP/1.1 200 OK\r\nx: '],
    ['before the promised length', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok'],
    ['within the chunks', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n'],
  ])('that ends %s is an error, and may have been received', async (_, text) => {
    const server = await serveRaw((socket) => socket.end(text))
    const result = await testEgress().request(post(server.url))
    expect(result).toMatchObject({ kind: 'error', sent: true })
    expect(result).toHaveProperty('class', expect.stringMatching(/^(network|protocol)$/))
  })

  test('without a length ends when the server closes', async () => {
    const server = await serveRaw((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nall of it'))
    expect(await testEgress().request(post(server.url))).toMatchObject({ body: Buffer.from('all of it') })
  })

  test('longer than it said does not leak into the next call', async () => {
    const server = await serveRaw((socket) =>
      socket.write(
        'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n',
      ),
    )
    const egress = testEgress({ connectionsPerOrigin: 1 })
    const whole = { status: 200, body: Buffer.from('ok') }
    for (let n = 0; n < 3; n += 1) expect(await egress.request(post(server.url))).toMatchObject(whole)
    const waiting = [1, 2, 3].map(() => egress.request(post(server.url)))
    expect(await Promise.all(waiting)).toMatchObject([whole, whole, whole])
  })
})

describe('a connection lost under a request', () => {
  test('a kept-alive one reset as the request arrives is an error: the request is not sent again', async () => {
    let received = 0
    const server = await serveRaw((socket, count) => {
      received += 1
      if (count === 1) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
      else socket.resetAndDestroy()
    })
    const egress = testEgress()
    await egress.request(post(server.url))
    const beforeSend = vi.fn(() => true)
    expect(await egress.request(post(server.url, { beforeSend }))).toMatchObject({
      kind: 'error',
      class: 'network',
      sent: true,
    })
    expect(beforeSend).toHaveBeenCalledTimes(1)
    expect(received).toBe(2)
    expect(server.sockets).toHaveLength(1)
  })

  test('one that was closed while idle is replaced before anything is sent', async () => {
    const server = await serveRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
      socket.end()
    })
    const egress = testEgress()
    for (let n = 0; n < 3; n += 1) {
      expect(await egress.request(post(server.url))).toMatchObject({ kind: 'response', status: 200 })
      await until(() => egress.stats().open === 0)
    }
    expect(server.sockets).toHaveLength(3)
  })
})
