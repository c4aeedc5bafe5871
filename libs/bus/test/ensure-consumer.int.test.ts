import { jetstreamManager } from '@nats-io/jetstream'
import { expect, test } from 'vitest'
import { ensureConsumer } from '../src/ensure-consumer.ts'
import { ensureTopology } from '../src/topology.ts'
import { aBus, aServer, bytesOf } from './bus-bundle.ts'

const settings = {
  stream: 'STRAIT_DUE',
  durable: 'workers',
  filterSubject: 'strait.due',
  ackWaitMs: 5_000,
} as const

async function aConnection() {
  const bus = await aBus((await aServer()).url)
  await ensureTopology(bus, { log: bus.log })
  const connection = bus.connection()
  if (connection === undefined) throw new Error('the bus is not connected')
  const { consumers } = await jetstreamManager(connection)
  return { bus, connection, info: () => consumers.info(settings.stream, settings.durable) }
}

test('a consumer is made without an end to its deliveries', async () => {
  const { connection, info } = await aConnection()
  await ensureConsumer(connection, settings)
  expect((await info()).config).toMatchObject({
    max_deliver: -1,
    ack_policy: 'explicit',
    ack_wait: 5_000_000_000,
  })
})

test('a release with other settings takes the consumer over where it stands', async () => {
  const { bus, connection, info } = await aConnection()
  const consumer = await ensureConsumer(connection, settings)
  for (const text of ['handled', 'waiting']) await bus.publishStream('strait.due', bytesOf(text))
  for await (const message of await consumer.fetch({ max_messages: 1 })) await message.ackAck()
  const changed = await ensureConsumer(connection, { ...settings, ackWaitMs: 7_000, from: 'new' })
  const { config, ack_floor, num_pending } = await info()
  expect(config.ack_wait).toBe(7_000_000_000)
  expect([ack_floor.stream_seq, num_pending]).toEqual([1, 1])
  for await (const message of await changed.fetch({ max_messages: 1 }))
    expect(message.string()).toBe('waiting')
})
