import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf'
import { RunFeedBatchSchema, type RunFeedEventSchema } from '@strait/contracts/events/v1/feed_pb'
import { newUuidv7 } from '@strait/domain/ids'
import { insertFeedRow, readFeed } from '@strait/postgres/feed'
import { loadCursor } from '@strait/postgres/feed-cursors'
import { createKysely, createPool } from '@strait/postgres/pool'
import { waitFor } from '@strait/testkit/wait-for'
import { expect, test } from 'vitest'
import { createRunFeed, type RunFeedOptions } from '../src/consumers/run-feed.ts'
import { insertFires } from '../src/store/insert-occurrences.ts'
import { aSchedule, type Bundle, setup, silentEvents, silentLog } from './bundle.ts'

type RunFeedEvent = MessageInitShape<typeof RunFeedEventSchema>

/** The run feed as the dispatcher keeps it, in the same database. */
function runFeed(url: string) {
  const pool = createPool({ url, role: 'dispatcher', max: 2, name: 'test', onError: () => undefined })
  const db = createKysely<unknown>(pool)
  return {
    write(events: readonly RunFeedEvent[]) {
      const body = toBinary(RunFeedBatchSchema, create(RunFeedBatchSchema, { events: [...events] }))
      return db.transaction().execute((trx) => insertFeedRow(trx, body))
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

function follower(bundle: Bundle, feed: ReturnType<typeof runFeed>) {
  const part = createRunFeed({
    bus: noNews,
    db: bundle.connect(),
    dispatcher: feed,
    pollMs: 50,
    events: silentEvents,
    log: silentLog,
  })
  return {
    start: part.start,
    untilAt: (cursor: { pos: string }) =>
      waitFor(async () => (await loadCursor(bundle.db, 'run')).pos === cursor.pos, {
        what: 'the cursor to come by',
      }),
    [Symbol.asyncDispose]: part.stop,
  }
}

async function insertPending(bundle: Bundle, count: number): Promise<readonly string[]> {
  const schedules = Array.from({ length: count }, () => aSchedule())
  await bundle.insertSchedules(schedules)
  const fires = schedules.map(({ id }) => ({ scheduleId: id, nominalAt: new Date(0), runId: newUuidv7() }))
  await bundle.db
    .transaction()
    .execute((trx) => insertFires(trx, fires, { resendMs: 60_000, maxPayloadBytes: 0 }))
  return fires.map((fire) => fire.runId)
}

function due(runId: string, refused?: string): RunFeedEvent {
  return { event: { case: 'due', value: { runId, scheduleId: newUuidv7(), refused } } }
}

const ended: RunFeedEvent = { event: { case: 'ended', value: { runId: newUuidv7(), status: 'completed' } } }

test('outcomes in the run feed close their rows, each once, and other events are passed over', async () => {
  await using bundle = await setup()
  await using feed = runFeed(bundle.url)
  const [fired = '', refused = '', waiting = ''] = await insertPending(bundle, 3)
  await feed.write([due(fired), ended, due(newUuidv7()), due(refused, 'JOB_NOT_FOUND')])
  // The same again, and the contrary: too late.
  const cursor = await feed.write([due(fired), due(fired, 'FIELD_INVALID'), due(refused)])
  await using following = follower(bundle, feed)
  await following.start()
  await following.untilAt(cursor)
  const rows = new Map((await bundle.ledger()).map((row) => [row.runId, row]))
  expect(rows.get(fired)).toMatchObject({ outcome: 'fired', reason: null })
  expect(rows.get(refused)).toMatchObject({ outcome: 'refused', reason: 'JOB_NOT_FOUND' })
  expect(rows.get(waiting)).toMatchObject({ outcome: 'pending' })
})

test('schedulers that follow the feed at once close every row', async () => {
  await using bundle = await setup()
  await using feed = runFeed(bundle.url)
  const runIds = await insertPending(bundle, 400)
  for (let i = 0; i < 400; i += 50) await feed.write(runIds.slice(i, i + 50).map((id) => due(id)))
  const cursor = await feed.write([ended])
  await using first = follower(bundle, feed)
  await using second = follower(bundle, feed)
  await Promise.all([first.start(), second.start()])
  await Promise.all([first.untilAt(cursor), second.untilAt(cursor)])
  await waitFor(async () => (await bundle.ledger()).every((row) => row.outcome === 'fired'), {
    what: 'every row to be closed',
  })
  expect(await bundle.ledger()).toHaveLength(400)
})
