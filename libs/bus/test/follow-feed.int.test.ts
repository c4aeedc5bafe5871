import { waitFor } from '@strait/testkit/wait-for'
import { expect, test } from 'vitest'
import { type Cursor, isAfter } from '../src/feed-place.ts'
import { ensureTopology } from '../src/topology.ts'
import { aBus, aServer } from './bus-bundle.ts'
import { aFeed, aFollower, type Feed, neverMs, send } from './feed-bundle.ts'

const startOfFeed = { xid: '0', pos: '0' }

async function aBusWithStreams() {
  const nats = await aServer()
  const bus = await aBus(nats.url)
  await ensureTopology(bus, { log: bus.log })
  return { nats, bus }
}

async function aBusWithoutNats() {
  const nats = await aServer()
  await nats.kill()
  return aBus(nats.url)
}

const areHandled = (feed: Feed, ...texts: readonly string[]) =>
  waitFor(
    async () => {
      const handled = await feed.handled()
      return texts.every((text) => handled.includes(text))
    },
    { what: `${texts.join(', ')} to be handled` },
  )

const cursorIsAt = (feed: Feed, place: Cursor) =>
  waitFor(async () => !isAfter(place, await feed.load()), { what: `the cursor to reach ${place.pos}` })

const told = (lines: readonly { readonly level: string; readonly message: string }[]) =>
  lines.map((line) => `${line.level}: ${line.message}`)

test('rows that messages bring are handled at once and leave the cursor where it was', async () => {
  const { bus } = await aBusWithStreams()
  const feed = await aFeed()
  const follower = await aFollower(bus, feed, { pollMs: neverMs })
  await follower.isReady()
  const reads = follower.reads()
  await send(bus, await feed.insert('a'), await feed.insert('b'))
  await areHandled(feed, 'a', 'b')
  expect(await feed.load()).toEqual(startOfFeed)
  expect(follower.reads()).toBe(reads)
})

test('a poke makes it read at once, and the cursor passes rows handled early without handling them again', async () => {
  const { bus } = await aBusWithStreams()
  const feed = await aFeed()
  const follower = await aFollower(bus, feed, { pollMs: neverMs })
  await follower.isReady()
  await send(bus, await feed.insert('early'))
  await areHandled(feed, 'early')
  const last = await feed.insert('not sent')
  await feed.settled()
  await send(bus, 'poke')
  await cursorIsAt(feed, last)
  expect(await feed.handled()).toEqual(['early', 'not sent'])
  expect(await feed.handledByThePoll()).toEqual(['not sent'])
})

test('a message that comes twice, or after the cursor has passed its row, changes nothing', async () => {
  const { bus } = await aBusWithStreams()
  const feed = await aFeed()
  const follower = await aFollower(bus, feed, { pollMs: neverMs })
  await follower.isReady()
  const [early, passed] = [await feed.insert('early'), await feed.insert('passed')]
  await send(bus, early, early)
  await areHandled(feed, 'early')
  await feed.settled()
  await send(bus, 'poke')
  await cursorIsAt(feed, passed)
  await send(bus, passed, early, await feed.insert('last'))
  await areHandled(feed, 'last')
  expect(await feed.handled()).toEqual(['early', 'passed', 'last'])
})

test('a message that makes no sense is logged and taken as a poke', async () => {
  const { bus } = await aBusWithStreams()
  const feed = await aFeed()
  const follower = await aFollower(bus, feed, { pollMs: neverMs })
  await follower.isReady()
  await feed.insert('a')
  await feed.settled()
  await send(bus, 'nonsense')
  await areHandled(feed, 'a')
  expect(told(follower.log.lines)).toEqual(['warn: a feed message makes no sense'])
})

test('rows whose messages were lost are found by the poll, each once', async () => {
  const { bus } = await aBusWithStreams()
  const feed = await aFeed()
  const follower = await aFollower(bus, feed, { pollMs: 20 })
  await follower.isReady()
  const rows: Cursor[] = []
  for (const text of ['a', 'b', 'c', 'd']) {
    const row = await feed.insert(text)
    if (text === 'b') await send(bus, row)
    rows.push(row)
  }
  for (const row of rows) await cursorIsAt(feed, row)
  expect([...(await feed.handled())].sort()).toEqual(['a', 'b', 'c', 'd'])
})

test('while messages and polls bring the same rows, each is handled once and one call runs at a time', async () => {
  const { bus } = await aBusWithStreams()
  const feed = await aFeed()
  let running = 0
  let most = 0
  const follower = await aFollower(bus, feed, {
    pollMs: 5,
    async handle(rows, advanceTo) {
      most = Math.max(most, ++running)
      await feed.handle(rows, advanceTo).finally(() => running--)
    },
  })
  await follower.isReady()
  const texts = Array.from({ length: 100 }, (_, nth) => `row ${nth}`)
  const rows = await Promise.all(
    texts.map(async (text) => {
      const row = await feed.insert(text)
      await send(bus, row)
      return row
    }),
  )
  for (const row of rows) await cursorIsAt(feed, row)
  expect([...(await feed.handled())].sort()).toEqual([...texts].sort())
  expect(most).toBe(1)
})

test('a follower that comes later finds everything, page by page, without a message', async () => {
  const { bus } = await aBusWithStreams()
  const feed = await aFeed()
  await feed.pool.query(
    "insert into feed (body) select convert_to('row ' || n, 'utf8') from generate_series(1, 1100) n",
  )
  await feed.settled()
  await aFollower(bus, feed, { pollMs: neverMs })
  await areHandled(feed, 'row 1100')
  expect(await feed.handled()).toEqual(Array.from({ length: 1_100 }, (_, nth) => `row ${nth + 1}`))
})

test('rows are handled in the order of their transactions, and one that commits late is not passed by', async () => {
  const bus = await aBusWithoutNats()
  const feed = await aFeed()
  const follower = await aFollower(bus, feed, { pollMs: 10 })
  const early = await feed.pool.connect()
  await early.query('begin')
  await early.query('select pg_current_xact_id()')
  await feed.insert('later transaction, first place')
  const before = follower.reads()
  await waitFor(() => follower.reads() > before + 2, { what: 'the follower to read in between' })
  expect(await feed.handled()).toEqual([])
  await early.query("insert into feed (body) values ('earlier transaction, second place')")
  await early.query('commit')
  early.release()
  await areHandled(feed, 'later transaction, first place')
  expect(await feed.handled()).toEqual([
    'earlier transaction, second place',
    'later transaction, first place',
  ])
})

test.each(['load', 'read', 'handle'] as const)(
  'when %s fails, it tries again until it succeeds, and both are logged once',
  async (what) => {
    const bus = await aBusWithoutNats()
    const feed = await aFeed()
    const last = await feed.insert('a')
    let calls = 0
    const failThrice =
      <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
      async (...args: A) => {
        if (++calls <= 3) throw new Error('out of order')
        return call(...args)
      }
    const broken = {
      load: { load: failThrice(feed.load) },
      read: { read: failThrice(feed.read) },
      handle: { handle: failThrice(feed.handle) },
    }[what]
    const follower = await aFollower(bus, feed, { pollMs: 10, ...broken })
    await cursorIsAt(feed, last)
    await waitFor(() => follower.log.lines.length > 1, { what: 'the recovery to be told' })
    expect(calls).toBeGreaterThan(3)
    expect(await feed.handled()).toEqual(['a'])
    expect(told(follower.log.lines)).toEqual([
      'error: cannot follow the feed, trying again',
      'info: following the feed again',
    ])
    expect(follower.log.lines[1]?.details).toMatchObject({ failures: 3 })
  },
)

test('a row that a message brought and that could not be handled is read at once', async () => {
  const { bus } = await aBusWithStreams()
  const feed = await aFeed()
  const follower = await aFollower(bus, feed, {
    pollMs: neverMs,
    async handle(rows, advanceTo) {
      if (advanceTo === undefined) throw new Error('not now')
      await feed.handle(rows, advanceTo)
    },
  })
  await follower.isReady()
  const row = await feed.insert('a')
  await feed.settled()
  await send(bus, row)
  await cursorIsAt(feed, row)
  expect(await feed.handledByThePoll()).toEqual(['a'])
})

test('without NATS everything is found by the poll, and the follower stops', async () => {
  const bus = await aBusWithoutNats()
  const feed = await aFeed()
  const follower = await aFollower(bus, feed, { pollMs: 20 })
  for (const text of ['a', 'b', 'c']) await cursorIsAt(feed, await feed.insert(text))
  expect(await feed.handled()).toEqual(['a', 'b', 'c'])
  await follower.stop()
  const reads = follower.reads()
  await feed.insert('after the stop')
  await feed.settled()
  expect(await feed.handled()).toEqual(['a', 'b', 'c'])
  expect(follower.reads()).toBe(reads)
})

test('when NATS comes back, what happened meanwhile is read at once and messages bring rows again', async () => {
  const { nats, bus } = await aBusWithStreams()
  const feed = await aFeed()
  const follower = await aFollower(bus, feed, { pollMs: neverMs })
  await follower.isReady()
  await nats.kill()
  await waitFor(() => !bus.connected(), { what: 'the bus to notice the loss' })
  await feed.insert('while it was away')
  await feed.settled()
  expect(await feed.handled()).toEqual([])
  await nats.wipe()
  await areHandled(feed, 'while it was away')
  await follower.isReady()
  await send(bus, await feed.insert('early again'))
  await areHandled(feed, 'early again')
  expect(await feed.handledByThePoll()).toEqual(['while it was away'])
})

test('two replicas that follow together miss nothing, and the cursor ends behind the last row', async () => {
  const { nats, bus } = await aBusWithStreams()
  const other = await aBus(nats.url)
  const feed = await aFeed()
  for (const each of [bus, other]) await (await aFollower(each, feed, { pollMs: 10 })).isReady()
  const texts = Array.from({ length: 60 }, (_, nth) => `row ${nth}`)
  const rows = await Promise.all(texts.map((text) => feed.insert(text)))
  await send(bus, ...rows.filter((_, nth) => nth % 3 > 0))
  for (const row of rows) await cursorIsAt(feed, row)
  expect([...new Set(await feed.handled())].sort()).toEqual([...texts].sort())
})
