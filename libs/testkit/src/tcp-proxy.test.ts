import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createTcpProxy } from './tcp-proxy.ts'
import { waitFor } from './wait-for.ts'

/** A server that keeps its connections, a proxy before it, and a way to connect through that. */
async function setup() {
  const accepted: Socket[] = []
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    accepted.push(socket)
    socket.on('error', () => socket.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const proxy = await createTcpProxy({ port: (server.address() as AddressInfo).port })
  const opened: Socket[] = []
  onTestFinished(async () => {
    await proxy.close()
    for (const socket of [...accepted, ...opened]) socket.destroy()
    server.close()
  })
  const open = async () => {
    const client = connect({ host: '127.0.0.1', port: proxy.port, allowHalfOpen: true })
    opened.push(client)
    client.setEncoding('utf8')
    await once(client, 'connect')
    return client
  }
  const pair = async () => {
    const before = accepted.length
    const client = await open()
    const peer = await waitFor(() => accepted[before], { what: 'the connection to reach the server' })
    return [client, peer.setEncoding('utf8')] as const
  }
  return { proxy, pair }
}

test('passes bytes and ends in both directions', async () => {
  const { pair } = await setup()
  const [client, server] = await pair()
  client.end('question')
  expect(await once(server, 'data')).toEqual(['question'])
  await once(server, 'end')
  server.end('answer')
  expect(await once(client, 'data')).toEqual(['answer'])
  await once(client, 'end')
})

test('a cut resets both ends, and new connections pass', async () => {
  const { proxy, pair } = await setup()
  const [client, server] = await pair()
  const resets = Promise.all([once(client, 'error'), once(server, 'error')])
  proxy.cut()
  expect(await resets).toMatchObject([[{ code: 'ECONNRESET' }], [{ code: 'ECONNRESET' }]])
  const [again, peer] = await pair()
  again.write('hello')
  expect(await once(peer, 'data')).toEqual(['hello'])
})

test('while it refuses, new connections are reset, until it is healed', async () => {
  const { proxy, pair } = await setup()
  proxy.refuse()
  const refused = connect({ host: '127.0.0.1', port: proxy.port })
  await expect(once(refused, 'end')).rejects.toHaveProperty('code', 'ECONNRESET')
  proxy.heal()
  await expect(pair()).resolves.toHaveLength(2)
})

test('a black hole shows both ends an open connection and passes what was sent once it is healed', async () => {
  const { proxy, pair } = await setup()
  const [client, server] = await pair()
  const received: string[] = []
  server.on('data', (text: string) => received.push(text))
  proxy.blackHole()
  client.write('lost?')
  client.destroySoon()
  await once(client, 'close')
  // The proxy has the bytes by now, since a connection opened after them is through.
  const [late] = await pair()
  late.write('late')
  expect(received).toEqual([])
  expect(server.destroyed || server.readableEnded).toBe(false)
  proxy.heal()
  await once(server, 'end')
  expect(received).toEqual(['lost?'])
})

test('a slow wire brings every chunk later and in order', async () => {
  const { proxy, pair } = await setup()
  const [client, server] = await pair()
  proxy.slow(40)
  const begun = performance.now()
  client.write('a')
  client.end('b')
  let text = ''
  for await (const chunk of server) text += chunk
  expect(text).toBe('ab')
  // A timer may ring up to a millisecond early.
  expect(performance.now() - begun).toBeGreaterThanOrEqual(39)
})

test('the end of one side is the end of the other, and the pair is forgotten', async () => {
  const { proxy, pair } = await setup()
  const [client, server] = await pair()
  expect(proxy.connections()).toBe(1)
  server.resetAndDestroy()
  expect(await once(client, 'error')).toMatchObject([{ code: 'ECONNRESET' }])
  await waitFor(() => proxy.connections() === 0, { what: 'the pair to be forgotten' })
})
