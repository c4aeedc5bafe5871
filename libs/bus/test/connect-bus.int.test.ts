import { createTcpProxy } from '@strait/testkit/tcp-proxy'
import { waitFor } from '@strait/testkit/wait-for'
import { expect, test } from 'vitest'
import type { Bus } from '../src/connect-bus.ts'
import { aBus, aServer, atEnd, bytesOf, textOf } from './bus-bundle.ts'

// Sends until one arrives: a subscription that is being renewed misses what comes before it.
async function hears(bus: Bus, sender: Bus, subject: string): Promise<boolean> {
  let heard = false
  const subscription = bus.subscribe(subject, () => {
    heard = true
  })
  await waitFor(
    () => {
      sender.publish(subject, bytesOf('hello'))
      return heard
    },
    { what: `a message on ${subject}` },
  )
  subscription.unsubscribe()
  return heard
}

const isConnected = (bus: Bus) => waitFor(() => bus.connected(), { what: 'the bus to connect' })
const isDisconnected = (bus: Bus) => waitFor(() => !bus.connected(), { what: 'the bus to notice the loss' })

test('a message reaches whoever subscribed, and nobody after unsubscribing', async () => {
  const { url } = await aServer()
  const [sender, receiver] = [await aBus(url), await aBus(url)]
  const received: string[] = []
  const subscription = receiver.subscribe('news.>', (bytes, subject) =>
    received.push(`${subject} ${textOf(bytes)}`),
  )
  await receiver.connection()?.flush()
  sender.publish('news.a', bytesOf('one'))
  await waitFor(() => received.length === 1, { what: 'the message' })
  subscription.unsubscribe()
  await receiver.connection()?.flush()
  sender.publish('news.a', bytesOf('two'))
  expect(await hears(receiver, sender, 'other')).toBe(true)
  expect(received).toEqual(['news.a one'])
})

test('a bus that was made while the server was down connects once it is up, with its subscriptions', async () => {
  const nats = await aServer()
  await nats.kill()
  const bus = await aBus(nats.url)
  expect(bus.connected()).toBe(false)
  const received: string[] = []
  bus.subscribe('news', (bytes) => received.push(textOf(bytes)))
  bus.publish('news', bytesOf('lost'))
  expect(bus.dropped()).toBe(1)
  expect(await bus.publishStream('strait.due', bytesOf('lost'))).toBe(false)
  await nats.restart()
  await isConnected(bus)
  const sender = await aBus(nats.url)
  await waitFor(
    () => {
      sender.publish('news', bytesOf('found'))
      return received.includes('found')
    },
    { what: 'a message on the subscription made before the server was up' },
  )
  expect(received).not.toContain('lost')
})

test('subscriptions survive a server that is killed and restarted, and each connect is told', async () => {
  const nats = await aServer()
  const [bus, sender] = [await aBus(nats.url), await aBus(nats.url)]
  const received: string[] = []
  bus.subscribe('news', (bytes) => received.push(textOf(bytes)))
  let connects = 0
  const off = bus.onConnect(() => connects++)
  expect(connects).toBe(1)
  for (let round = 2; round <= 3; round++) {
    await nats.kill()
    await isDisconnected(bus)
    await nats.restart()
    await waitFor(() => connects === round, { what: `connect number ${round}` })
    await isConnected(sender)
    await waitFor(
      () => {
        sender.publish('news', bytesOf(`round ${round}`))
        return received.includes(`round ${round}`)
      },
      { what: 'a message on the renewed subscription' },
    )
  }
  off()
  const told = bus.log.lines.filter((line) => line.message === 'lost NATS, going on without it')
  expect(told).toHaveLength(2)
})

test('a handler that fails is logged, and the next message is still heard', async () => {
  const { url } = await aServer()
  const bus = await aBus(url)
  const received: string[] = []
  bus.subscribe('news', async (bytes) => {
    received.push(textOf(bytes))
    throw new Error('no good')
  })
  for (const text of ['one', 'two']) bus.publish('news', bytesOf(text))
  await waitFor(() => received.length === 2, { what: 'both messages' })
  await waitFor(() => bus.log.lines.filter((line) => line.level === 'error').length === 2, {
    what: 'both errors',
  })
  expect(received).toEqual(['one', 'two'])
})

test('a message that is larger than the server takes is dropped without an error', async () => {
  const { url } = await aServer()
  const bus = await aBus(url)
  bus.publish('news', new Uint8Array(2 * 2 ** 20))
  expect(bus.dropped()).toBe(1)
  expect(bus.connected()).toBe(true)
})

test('when the server does not read, publishing drops instead of piling up, and goes on when it reads again', async () => {
  const nats = await aServer()
  const proxy = await createTcpProxy({ port: nats.port })
  atEnd(() => proxy.close())
  const bus = await aBus(`nats://127.0.0.1:${proxy.port}`)
  proxy.blackHole()
  const mebibyte = new Uint8Array(2 ** 20 - 1024)
  for (let sent = 0; sent < 40; sent++) bus.publish('news', mebibyte)
  expect(bus.dropped()).toBeGreaterThan(30)
  proxy.heal()
  const before = bus.dropped()
  await waitFor(
    () => {
      const dropped = bus.dropped()
      bus.publish('news', bytesOf('small'))
      return bus.dropped() === dropped
    },
    { what: 'publishing to be possible again' },
  )
  expect(bus.dropped()).toBeGreaterThanOrEqual(before)
})

test.each(['killed', 'silent', 'never there'])(
  'closing ends within two seconds when the server is %s',
  async (state) => {
    const nats = await aServer()
    const proxy = await createTcpProxy({ port: nats.port })
    atEnd(() => proxy.close())
    if (state === 'never there') proxy.refuse()
    const bus = await aBus(`nats://127.0.0.1:${proxy.port}`)
    if (state === 'killed') {
      await nats.kill()
      await isDisconnected(bus)
    }
    if (state === 'silent') proxy.blackHole()
    const start = performance.now()
    await bus.close()
    expect(performance.now() - start).toBeLessThan(2_200)
    expect(bus.connected()).toBe(false)
    bus.publish('news', bytesOf('late'))
    expect(await bus.publishStream('news', bytesOf('late'))).toBe(false)
  },
)

test('closing sends what was published before', async () => {
  const { url } = await aServer()
  const [bus, receiver] = [await aBus(url), await aBus(url)]
  let received = 0
  receiver.subscribe('news', () => received++)
  await receiver.connection()?.flush()
  for (let sent = 0; sent < 500; sent++) bus.publish('news', bytesOf('x'))
  await bus.close()
  await waitFor(() => received === 500, { what: 'all messages' })
  expect(received).toBe(500)
})
