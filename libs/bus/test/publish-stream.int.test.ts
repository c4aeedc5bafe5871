import { jetstreamManager } from '@nats-io/jetstream'
import { createTcpProxy } from '@strait/testkit/tcp-proxy'
import { expect, test } from 'vitest'
import { ensureTopology } from '../src/topology.ts'
import { aBus, aServer, atEnd, bytesOf } from './bus-bundle.ts'

test('more messages under way than allowed are answered with false at once, the others are stored', async () => {
  const bus = await aBus((await aServer()).url)
  await ensureTopology(bus, { log: bus.log })
  const answers = await Promise.all(
    Array.from({ length: 1_200 }, (_, nth) => bus.publishStream('strait.due', bytesOf(String(nth)))),
  )
  expect(answers.filter((stored) => stored)).toHaveLength(1_000)
  const connection = bus.connection()
  if (connection === undefined) throw new Error('the bus is not connected')
  const { streams } = await jetstreamManager(connection)
  expect((await streams.info('STRAIT_DUE')).state.messages).toBe(1_000)
})

test('a message larger than the server takes is answered with false', async () => {
  const bus = await aBus((await aServer()).url)
  await ensureTopology(bus, { log: bus.log })
  expect(await bus.publishStream('strait.due', new Uint8Array(2 * 2 ** 20))).toBe(false)
  expect(await bus.publishStream('strait.due', bytesOf('small'))).toBe(true)
})

test('a server that does not answer is given up after a while, and that is logged once', async () => {
  const nats = await aServer()
  const proxy = await createTcpProxy({ port: nats.port })
  atEnd(() => proxy.close())
  const bus = await aBus(`nats://127.0.0.1:${proxy.port}`)
  await ensureTopology(bus, { log: bus.log })
  proxy.blackHole()
  const answers = await Promise.all(['a', 'b'].map((text) => bus.publishStream('strait.due', bytesOf(text))))
  expect(answers).toEqual([false, false])
  expect(bus.log.lines.filter((line) => line.level === 'warn')).toHaveLength(1)
})
