import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf'
import { timestampFromDate } from '@bufbuild/protobuf/wkt'
import { connectBus } from '@strait/bus/connect-bus'
import { ensureTopology } from '@strait/bus/topology'
import {
  FeedNewsSchema,
  RunFeedBatchSchema,
  type RunFeedEventSchema,
} from '@strait/contracts/events/v1/feed_pb'
import { subjects } from '@strait/contracts/subjects'
import { newUuidv7 } from '@strait/domain/ids'
import { insertFeedRow, readFeed } from '@strait/postgres/feed'
import { loadCursor } from '@strait/postgres/feed-cursors'
import { createKysely, createPool } from '@strait/postgres/pool'
import { startTestNats } from '@strait/testkit/test-nats'
import { waitFor } from '@strait/testkit/wait-for'
import { expect, test } from 'vitest'
import { createRunFeed, type RunFeedOptions } from '../src/consumers/run-feed.ts'
import { setup } from './bundle.ts'

type RunFeedEvent = MessageInitShape<typeof RunFeedEventSchema>

/** The run feed as the dispatcher keeps it, in the same database. */
function runFeed(url: string) {
  const pool = createPool({ url, role: 'dispatcher', max: 2, name: 'test', onError: () => undefined })
  const db = createKysely<unknown>(pool)
  return {
    async write(events: readonly RunFeedEvent[]) {
      const body = toBinary(RunFeedBatchSchema, create(RunFeedBatchSchema, { events: [...events] }))
      const cursor = await db.transaction().execute((trx) => insertFeedRow(trx, body))
      return { cursor, body }
    },
    readFeed: (async ({ after, limit = 100 }) => {
      const { xid = '0', pos = '0' } = after ?? {}
      const rows = await readFeed(db, { after: { xid, pos }, limit, maxBytes: 4 * 2 ** 20 })
      return { rows: rows.map(({ xid, pos, body }) => ({ cursor: { xid, pos }, body })) }
    }) as RunFeedOptions['dispatcher']['readFeed'],
    [Symbol.asyncDispose]: () => pool.end(),
  }
}

const noNews: RunFeedOptions['bus'] = {
  consume: () => ({ name: 'none', start: async () => undefined, stop: async () => undefined }),
  onConnect: () => () => undefined,
}

function follower(bundle: Awaited<ReturnType<typeof setup>>, feed: ReturnType<typeof runFeed>, bus = noNews) {
  const { db, events, log } = bundle
  const part = createRunFeed({
    bus,
    db: bundle.connect(),
    dispatcher: feed,
    onDeliveries: () => undefined,
    pollMs: 50,
    events,
    log,
  })
  return {
    start: part.start,
    untilAt: (cursor: { xid: string; pos: string }) =>
      waitFor(async () => (await loadCursor(db, 'run')).pos === cursor.pos, {
        what: 'the cursor to come by',
      }),
    [Symbol.asyncDispose]: part.stop,
  }
}

function ended(
  more: { runId?: string; status?: string; webhookUrl?: string | undefined } = {},
): RunFeedEvent {
  const value = {
    runId: newUuidv7(),
    projectId: newUuidv7(),
    jobId: newUuidv7(),
    jobSlug: 'report',
    status: 'completed',
    attempt: 1,
    result: '{"id":9007199254740993, "b" : 1}',
    jobVersionId: 'ver_0123456789',
    metadata: { tenant: 'a' },
    webhookUrl: 'https://example.com/hook',
    finishedAt: timestampFromDate(new Date('2026-03-02T12:00:01Z')),
    createdAt: timestampFromDate(new Date('2026-03-02T12:00:00Z')),
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    triggeredBy: 'manual',
    ...more,
  }
  return { event: { case: 'ended', value } }
}

const due: RunFeedEvent = {
  event: { case: 'due', value: { runId: newUuidv7(), scheduleId: newUuidv7(), nominalAt: { seconds: 1n } } },
}

test('the end of a run with a webhook becomes a delivery with its body, other events do not', async () => {
  await using bundle = await setup()
  await using feed = runFeed(bundle.url)
  const runId = newUuidv7()
  const { cursor } = await feed.write([ended({ runId }), ended({ webhookUrl: undefined }), due])
  await using following = follower(bundle, feed)
  await following.start()
  await following.untilAt(cursor)
  const deliveries = await bundle.deliveries()
  expect(deliveries).toMatchObject([{ eventId: `${runId}:run.completed`, status: 'pending', attempt: 0 }])
  const body = deliveries[0]!.body.toString()
  expect(body).toContain('"result":{"id":9007199254740993, "b" : 1},"error":null')
  expect(JSON.parse(body)).toMatchObject({
    type: 'run.completed',
    timestamp: '2026-03-02T12:00:01.000Z',
    data: { run_id: runId, metadata: { tenant: 'a' }, trace_id: '0af7651916cd43dd8448eb211c80319c' },
  })
})

test('an event that is told twice, in one row and in two, is one delivery', async () => {
  await using bundle = await setup()
  await using feed = runFeed(bundle.url)
  const event = ended()
  await feed.write([event, event])
  const { cursor } = await feed.write([event])
  await using following = follower(bundle, feed)
  await following.start()
  await following.untilAt(cursor)
  expect(await bundle.deliveries()).toHaveLength(1)
})

test('notifiers that follow the same feed at once store each event once', async () => {
  await using bundle = await setup()
  await using feed = runFeed(bundle.url)
  for (let i = 0; i < 9; i += 1) await feed.write(Array.from({ length: 50 }, () => ended()))
  const { cursor } = await feed.write(Array.from({ length: 50 }, () => ended()))
  await using first = follower(bundle, feed)
  await using second = follower(bundle, feed)
  await using third = follower(bundle, feed)
  await Promise.all([first, second, third].map((one) => one.start()))
  await first.untilAt(cursor)
  expect(await bundle.deliveries()).toHaveLength(500)
})

test('a row that comes over NATS is a delivery before it is read, and reading it makes no second one', async () => {
  await using bundle = await setup()
  await using feed = runFeed(bundle.url)
  await using nats = await startTestNats()
  const bus = await connectBus({ url: nats.url, name: 'test' })
  try {
    await ensureTopology(bus, { log: bundle.log })
    // Reading is held back until the message has been handled.
    const held = Promise.withResolvers<void>()
    const { readFeed } = feed
    const slow = {
      ...feed,
      readFeed: ((request) => held.promise.then(() => readFeed(request))) as typeof readFeed,
    }
    await using following = follower(bundle, slow, bus)
    await following.start()
    const row = await feed.write([ended()])
    const news = toBinary(FeedNewsSchema, create(FeedNewsSchema, { row }))
    await waitFor(
      async () => {
        await bus.publishStream(subjects.feed('dispatcher'), news)
        return (await bundle.deliveries()).length > 0
      },
      { what: 'the delivery' },
    )
    expect(await loadCursor(bundle.db, 'run')).toEqual({ xid: '0', pos: '0' })
    held.resolve()
    await following.untilAt(row.cursor)
    expect(await bundle.deliveries()).toHaveLength(1)
  } finally {
    await bus.close()
  }
})
