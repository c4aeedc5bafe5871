import { DiscardPolicy, jetstreamManager, RetentionPolicy, StorageType } from '@nats-io/jetstream'
import { nanos } from '@nats-io/transport-node'
import { waitFor } from '@strait/testkit/wait-for'
import { expect, test } from 'vitest'
import type { Bus } from '../src/connect-bus.ts'
import { ensureTopology, type StreamSettings } from '../src/topology.ts'
import { aBus, aServer, bytesOf } from './bus-bundle.ts'

async function managerOf(bus: Bus) {
  const connection = bus.connection()
  if (connection === undefined) throw new Error('the bus is not connected')
  return jetstreamManager(connection)
}

async function streamsOf(bus: Bus): Promise<readonly string[]> {
  const names: string[] = []
  for await (const name of (await managerOf(bus)).streams.names()) names.push(name)
  return names.sort()
}

const areThere = (bus: Bus) =>
  waitFor(async () => (await streamsOf(bus)).length === 2, { what: 'both streams to be there' })

const aStream: StreamSettings = { name: 'NEWS', subjects: ['news.>'], storage: StorageType.File }

function collectLost() {
  const lost: string[] = []
  return { lost, onSettingLost: (stream: string, setting: string) => lost.push(`${stream} ${setting}`) }
}

test('the streams are made at start, take messages, and hold news for a while and not for ever', async () => {
  const bus = await aBus((await aServer()).url)
  const { lost, onSettingLost } = collectLost()
  await ensureTopology(bus, { log: bus.log, onSettingLost })
  expect(await streamsOf(bus)).toEqual(['STRAIT_DUE', 'STRAIT_FEED'])
  expect(await bus.publishStream('strait.due', bytesOf('one'))).toBe(true)
  expect(await bus.publishStream('strait.feed.run', bytesOf('two'))).toBe(true)
  const limits = { retention: RetentionPolicy.Limits, discard: DiscardPolicy.Old, storage: StorageType.File }
  const { streams } = await managerOf(bus)
  expect((await streams.info('STRAIT_FEED')).config).toMatchObject({ ...limits, max_age: nanos(3_600_000) })
  expect((await streams.info('STRAIT_DUE')).config).toMatchObject({ ...limits, max_age: nanos(600_000) })
  expect(lost).toEqual([])
  expect(bus.log.lines.filter((line) => line.level !== 'info')).toEqual([])
})

test('replicas that make the streams at the same time do not disturb each other', async () => {
  const { url } = await aServer()
  const buses = await Promise.all(Array.from({ length: 5 }, () => aBus(url)))
  await Promise.all(buses.map((bus) => ensureTopology(bus, { log: bus.log })))
  for (const bus of buses) {
    expect(await streamsOf(bus)).toEqual(['STRAIT_DUE', 'STRAIT_FEED'])
    expect(bus.log.lines.filter((line) => line.level !== 'info')).toEqual([])
  }
})

test('the streams are made again after the store of the server was wiped', async () => {
  const nats = await aServer()
  const bus = await aBus(nats.url)
  await ensureTopology(bus, { log: bus.log })
  await nats.wipe()
  await areThere(bus)
  expect(await bus.publishStream('strait.due', bytesOf('one'))).toBe(true)
})

test('a stream that somebody deleted is made again when a message for it is not taken', async () => {
  const bus = await aBus((await aServer()).url)
  await ensureTopology(bus, { log: bus.log })
  await (await managerOf(bus)).streams.delete('STRAIT_DUE')
  expect(await bus.publishStream('strait.due', bytesOf('lost'))).toBe(false)
  await areThere(bus)
  expect(await bus.publishStream('strait.due', bytesOf('kept'))).toBe(true)
})

test('a stream of an earlier release is brought into line and keeps its messages', async () => {
  const bus = await aBus((await aServer()).url)
  await ensureTopology(bus, { log: bus.log, streams: [{ ...aStream, max_age: nanos(60_000) }] })
  await bus.publishStream('news.one', bytesOf('one'))
  const { lost, onSettingLost } = collectLost()
  const streams = [{ ...aStream, subjects: ['news.>', 'olds.>'], max_age: nanos(90_000) }]
  await ensureTopology(bus, { log: bus.log, streams, onSettingLost })
  const { config, state } = await (await managerOf(bus)).streams.info('NEWS')
  expect(config).toMatchObject({ subjects: ['news.>', 'olds.>'], max_age: nanos(90_000) })
  expect(state.messages).toBe(1)
  expect(lost).toEqual([])
})

test('a setting that the server does not take is logged and told, and the stream works as it is', async () => {
  const bus = await aBus((await aServer()).url)
  await ensureTopology(bus, { log: bus.log, streams: [{ ...aStream, storage: StorageType.Memory }] })
  const { lost, onSettingLost } = collectLost()
  await ensureTopology(bus, { log: bus.log, streams: [aStream], onSettingLost })
  expect(lost).toEqual(['NEWS storage'])
  expect(bus.log.lines.filter((line) => line.level === 'warn')).toEqual([
    {
      level: 'warn',
      details: { stream: 'NEWS', setting: 'storage' },
      message: 'the nats-server did not take a setting of a stream',
    },
  ])
  expect(await bus.publishStream('news.one', bytesOf('one'))).toBe(true)
})

test('where the disk has no room for a stream, a smaller one is made and that is told', async () => {
  const bus = await aBus((await aServer()).url)
  const { lost, onSettingLost } = collectLost()
  await ensureTopology(bus, { log: bus.log, streams: [{ ...aStream, max_bytes: 2 ** 50 }], onSettingLost })
  expect(lost).toEqual(['NEWS max_bytes'])
  expect(await bus.publishStream('news.one', bytesOf('one'))).toBe(true)
})

test('without NATS it answers at once, and the streams are made when NATS is up', async () => {
  const nats = await aServer()
  await nats.kill()
  const bus = await aBus(nats.url)
  await ensureTopology(bus, { log: bus.log })
  expect(bus.connected()).toBe(false)
  await nats.restart()
  await waitFor(() => bus.connected(), { what: 'the bus to connect' })
  await areThere(bus)
  expect(await bus.publishStream('strait.due', bytesOf('one'))).toBe(true)
})
