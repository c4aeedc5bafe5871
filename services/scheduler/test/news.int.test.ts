import { fromBinary } from '@bufbuild/protobuf'
import { timestampDate } from '@bufbuild/protobuf/wkt'
import { connectBus } from '@strait/bus/connect-bus'
import { DueBatchSchema, type DueItem } from '@strait/contracts/events/v1/due_pb'
import { subjects } from '@strait/contracts/subjects'
import { freePort } from '@strait/testkit/free-port'
import { startTestNats } from '@strait/testkit/test-nats'
import { waitFor } from '@strait/testkit/wait-for'
import { expect, test } from 'vitest'
import { createNews } from '../src/consumers/news.ts'
import { createFire } from '../src/loops/fire.ts'
import { createRepair } from '../src/loops/repair.ts'
import { createSendFires } from '../src/loops/send-fires.ts'
import { aSchedule, type Bundle, setup, silentEvents, silentLog } from './bundle.ts'

/** A scheduler's way from a due schedule to the stream, and over RPC where that fails. */
async function scheduler(bundle: Bundle, natsUrl: string) {
  const overRpc: string[] = []
  let changes = 0
  const nothing = { name: 'none', start: async () => undefined, stop: async () => undefined }
  const news = createNews({
    url: natsUrl,
    followRunFeed: () => nothing,
    onJobsChanged: () => {
      changes += 1
    },
    log: silentLog,
  })
  await news.start()
  const shared = { db: bundle.db, resendMs: 300, events: silentEvents, log: silentLog }
  const repair = createRepair({
    ...shared,
    createRuns: async (items) => {
      overRpc.push(...items.map((item) => item.runId))
      return items.map(({ runId }) => ({ runId, refused: undefined }))
    },
  })
  const sender = createSendFires({
    publish: news.publishDue,
    sendOverRpc: repair.sendOverRpc,
    events: silentEvents,
  })
  const fire = createFire({ ...shared, send: sender.send, maxPayloadBytes: 16 * 1024, batchSize: 2_000 })
  return {
    fire,
    repair,
    overRpc,
    publishDue: news.publishDue,
    changes: () => changes,
    async [Symbol.asyncDispose]() {
      for (const part of [repair, fire, sender, news]) await part.stop()
    },
  }
}

/** What a dispatcher takes from the stream. */
async function taken(natsUrl: string, items: number): Promise<readonly (readonly DueItem[])[]> {
  const bus = await connectBus({ url: natsUrl, name: 'test' })
  const batches: DueItem[][] = []
  const consumer = bus.consume({
    stream: 'STRAIT_DUE',
    durable: 'test',
    filterSubject: subjects.due,
    ackWaitMs: 5_000,
    batch: 10,
    handler: async (messages) => {
      for (const { data } of messages) batches.push(fromBinary(DueBatchSchema, data).items)
    },
  })
  await consumer.start()
  try {
    await waitFor(() => batches.flat().length >= items, { what: `${items} due items on the stream` })
  } finally {
    await consumer.stop()
    await bus.close()
  }
  return batches
}

test('fires are on the stream, many in one message, with the ids and the payload of their rows', async () => {
  await using bundle = await setup()
  await using nats = await startTestNats()
  await using one = await scheduler(bundle, nats.url)
  await bundle.insertSchedules(Array.from({ length: 750 }, () => aSchedule({ payload: '{ "n": 1.0 }' })))
  await one.fire.runOnce()

  const batches = await taken(nats.url, 750)
  expect(batches.map((items) => items.length).toSorted()).toEqual([250, 500])
  const rows = new Map((await bundle.ledger()).map((row) => [row.runId, row]))
  for (const item of batches.flat()) {
    const row = rows.get(item.runId)
    expect(row).toMatchObject({ scheduleId: item.scheduleId, outcome: 'pending', payload: item.payload })
    expect(item.nominalAt && timestampDate(item.nominalAt)).toEqual(row?.nominalAt)
    expect(item.jobId).toBe(item.scheduleId)
  }
})

test('a payload too large for a message goes over RPC at once, the others by the stream', async () => {
  await using bundle = await setup()
  await using nats = await startTestNats()
  await using one = await scheduler(bundle, nats.url)
  const large = aSchedule({ payload: JSON.stringify('x'.repeat(20_000)) })
  const small = aSchedule()
  await bundle.insertSchedules([large, small])
  await one.fire.runOnce()
  const [items] = await taken(nats.url, 1)
  expect(items?.map((item) => item.scheduleId)).toEqual([small.id])
  await waitFor(() => one.overRpc.length === 1, { what: 'the call' })
  const row = (await bundle.ledger()).find(({ runId }) => runId === one.overRpc[0])
  expect(row?.scheduleId).toBe(large.id)
})

test('without NATS fires stay pending, and the repair loop sends each under its run id', async () => {
  await using bundle = await setup()
  await using one = await scheduler(bundle, `nats://127.0.0.1:${await freePort()}`)
  await bundle.insertSchedules(Array.from({ length: 20 }, () => aSchedule()))
  await one.fire.runOnce()
  const before = await bundle.ledger()
  expect(before.map((row) => row.outcome)).toEqual(before.map(() => 'pending'))
  expect(one.overRpc).toEqual([])

  await one.repair.start()
  await waitFor(async () => (await bundle.ledger()).every((row) => row.outcome === 'fired'), {
    what: 'every fire to have its outcome',
  })
  expect(one.overRpc.toSorted()).toEqual(before.map((row) => row.runId).toSorted())
})

test('after NATS lost its store, and was away, fires go by the stream again', async () => {
  await using bundle = await setup()
  await using nats = await startTestNats()
  await using one = await scheduler(bundle, nats.url)
  await nats.wipe()
  await waitFor(() => one.publishDue([]), { what: 'the stream to be there again' })
  const schedule = aSchedule()
  await bundle.insertSchedules([schedule])
  await one.fire.runOnce()
  expect((await taken(nats.url, 1)).flat().map((item) => item.scheduleId)).toEqual([schedule.id])
})

test('the news that jobs changed is heard', async () => {
  await using bundle = await setup()
  await using nats = await startTestNats()
  await using one = await scheduler(bundle, nats.url)
  const catalog = await connectBus({ url: nats.url, name: 'test' })
  try {
    await waitFor(
      () => {
        catalog.publish(subjects.catalogChanged('job'), new Uint8Array())
        return one.changes()
      },
      { what: 'the news' },
    )
  } finally {
    await catalog.close()
  }
  expect(one.changes()).toBeGreaterThan(0)
})
