// How long a change waits for those who follow the catalog, and what they may do to it.

import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import { connectBus } from '@strait/bus/connect-bus'
import {
  type CatalogChanged,
  CatalogChangedSchema,
  CatalogFollowerSchema,
  CatalogHeardSchema,
} from '@strait/contracts/events/v1/news_pb'
import { subjects } from '@strait/contracts/subjects'
import { waitFor } from '@strait/testkit/wait-for'
import { expect, onTestFinished, test } from 'vitest'
import { openApp } from './app-bundle.ts'
import { aFollower, aNats, anAnnouncer, never } from './follower-bundle.ts'
import { insertJob } from './store-bundle.ts'

const anId = '01890000-0000-7000-8000-000000000001'

/** A follower by hand: it says what a test tells it to. */
async function aHand(natsUrl: string) {
  const bus = await connectBus({ url: natsUrl, name: 'by hand' })
  onTestFinished(() => bus.close())
  const news: CatalogChanged[] = []
  bus.subscribe('strait.catalog.*', (bytes, subject) => {
    if (subject !== subjects.catalogFollower) news.push(fromBinary(CatalogChangedSchema, bytes))
  })
  await bus.connection()?.flush()
  return {
    bus,
    news,
    say: (followerId: string, leaves = false) =>
      bus.publish(
        subjects.catalogFollower,
        toBinary(CatalogFollowerSchema, create(CatalogFollowerSchema, { followerId, leaves })),
      ),
    answer: (to: string, changeId: string, followerId: string) =>
      bus.publish(to, toBinary(CatalogHeardSchema, create(CatalogHeardSchema, { changeId, followerId }))),
    async nextNews(): Promise<CatalogChanged> {
      await waitFor(() => news.some(({ ids }) => ids.length > 0), { what: 'news' })
      return news.splice(0).find(({ ids }) => ids.length > 0) as CatalogChanged
    },
  }
}

async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol()
  return (await Promise.race([promise, Promise.resolve(pending)])) !== pending
}

test('a follower that hears and cannot look delays a change by the bound and no more, and one that falls silent is forgotten', async () => {
  const nats = await aNats()
  const app = await openApp()
  onTestFinished(() => app[Symbol.asyncDispose]())
  const id = await insertJob(app.store.db, app.store.projectId)
  const replica = await anAnnouncer(nats.port, 1_000)
  const { toCatalog, toNats } = await aFollower({
    catalogUrl: app.baseUrl,
    natsPort: nats.port,
    pollMs: never,
  })
  await replica.knows(1)
  expect(await replica.timed('job', [id])).toBeLessThan(990)
  expect(replica.waits).toEqual([false])

  toCatalog.blackHole()
  const waited = await replica.timed('job', [id])
  expect(waited).toBeGreaterThan(990)
  expect(waited).toBeLessThan(3_000)
  expect(replica.waits).toEqual([false, true])

  toNats.blackHole()
  await replica.knows(0)
  expect(await replica.timed('job', [id])).toBeLessThan(990)
  expect(replica.waits).toHaveLength(2)
})

test('a follower that does not reach the catalog does not say that it is there', async () => {
  const nats = await aNats()
  const app = await openApp()
  onTestFinished(() => app[Symbol.asyncDispose]())
  const replica = await anAnnouncer(nats.port, 1_000)
  const { toCatalog } = await aFollower({ catalogUrl: app.baseUrl, natsPort: nats.port, pollMs: 100 })
  await replica.knows(1)
  toCatalog.refuse()
  await replica.knows(0)
  toCatalog.heal()
  await replica.knows(1)
  expect(await replica.timed('job', [anId])).toBeLessThan(990)
})

test('a follower that stops is waited for no more, also by what waits for it already', async () => {
  const nats = await aNats()
  const replica = await anAnnouncer(nats.port, 5_000)
  const hand = await aHand(nats.url)
  hand.say('one')
  await replica.knows(1)
  const waiting = replica.timed('job', [anId])
  await hand.nextNews()
  hand.say('one', true)
  expect(await waiting).toBeLessThan(2_500)
  expect(replica.there()).toEqual([])

  const app = await openApp()
  onTestFinished(() => app[Symbol.asyncDispose]())
  const follower = await aFollower({ catalogUrl: app.baseUrl, natsPort: nats.port })
  await replica.knows(1)
  const stopped = performance.now()
  await follower.stop()
  await replica.knows(0)
  expect(performance.now() - stopped).toBeLessThan(2_500)
})

test('answers that come late, twice, from strangers or as garbage do no harm', async () => {
  const nats = await aNats()
  const replica = await anAnnouncer(nats.port, 5_000)
  const hand = await aHand(nats.url)
  hand.say('one')
  hand.say('two')
  await replica.knows(2)
  hand.say('')
  hand.say('x'.repeat(65))
  hand.bus.publish(subjects.catalogFollower, new Uint8Array([255, 255, 255]))

  const waiting = replica.timed('job', [anId])
  const { changeId, answerTo, ids } = await hand.nextNews()
  expect(ids).toEqual([anId])
  hand.bus.publish(answerTo, new Uint8Array([255, 255, 255]))
  hand.answer(answerTo, changeId, 'stranger')
  hand.answer(answerTo, 'another change', 'two')
  hand.answer(answerTo, '', '')
  hand.answer(answerTo, changeId, 'one')
  hand.answer(answerTo, changeId, 'one')
  // Whatever was said before this is heard before it.
  hand.say('three')
  await replica.knows(3)
  expect(await isSettled(waiting)).toBe(false)
  hand.answer(answerTo, changeId, 'two')
  expect(await waiting).toBeLessThan(2_500)
  hand.answer(answerTo, changeId, 'two')

  const again = replica.timed('job', [anId])
  const next = await hand.nextNews()
  for (const follower of ['one', 'two', 'three']) hand.answer(next.answerTo, next.changeId, follower)
  expect(await again).toBeLessThan(2_500)
  expect(replica.waits).toEqual([false, false])
})

test('a follower answers where catalogs listen, and lets nobody send it elsewhere', async () => {
  const nats = await aNats()
  const app = await openApp({ NATS_URL: nats.url })
  onTestFinished(() => app[Symbol.asyncDispose]())
  const { follower } = await aFollower({ catalogUrl: app.baseUrl, natsPort: nats.port, pollMs: never })
  await waitFor(follower.isCurrent, { what: 'the first reading' })
  const { bus } = await aHand(nats.url)
  const heard: string[] = []
  const [elsewhere, here] = ['strait.elsewhere', subjects.catalogHeard('by-hand')]
  for (const subject of [elsewhere, here]) bus.subscribe(subject, () => heard.push(subject))
  await bus.connection()?.flush()
  const announce = (answerTo: string) => {
    const news = create(CatalogChangedSchema, { ids: [app.store.projectId], changeId: anId, answerTo })
    bus.publish(subjects.catalogChanged('project'), toBinary(CatalogChangedSchema, news))
  }
  await waitFor(
    () => {
      announce(elsewhere)
      announce(here)
      return heard.length > 0
    },
    { what: 'the follower to answer' },
  )
  expect(heard).not.toContain(elsewhere)
})

test('a follower has heard of a change once what follows from it there is over', async () => {
  const nats = await aNats()
  const app = await openApp({ NATS_URL: nats.url })
  onTestFinished(() => app[Symbol.asyncDispose]())
  const { follower } = await aFollower({ catalogUrl: app.baseUrl, natsPort: nats.port, pollMs: never })
  await waitFor(follower.isCurrent, { what: 'the first reading' })
  const over = Promise.withResolvers<void>()
  let isAt = false
  follower.onChanged(() => {
    isAt = true
    return over.promise
  })
  const { bus } = await aHand(nats.url)
  const [heard, said] = [{ count: 0 }, { count: 0 }]
  bus.subscribe(subjects.catalogHeard('by-hand'), () => heard.count++)
  bus.subscribe(subjects.catalogFollower, () => said.count++)
  await bus.connection()?.flush()
  const tell = (ids: readonly string[]) => {
    const answerTo = subjects.catalogHeard('by-hand')
    const news = create(CatalogChangedSchema, { ids: [...ids], changeId: anId, answerTo })
    bus.publish(subjects.catalogChanged('job'), toBinary(CatalogChangedSchema, news))
  }
  tell([await insertJob(app.store.db, app.store.projectId, { slug: 'followed' })])
  await waitFor(() => isAt, { what: 'the change to be at its listener' })
  // Asked whether it is there, the follower says so on the wire on which it would have said before that it heard.
  said.count = 0
  await waitFor(
    () => {
      tell([])
      return said.count > 0
    },
    { what: 'the follower to say that it is there' },
  )
  expect(heard.count).toBe(0)
  over.resolve()
  await waitFor(() => heard.count === 1, { what: 'the follower to have heard' })
})

test('many changes at once go out together, and what waits beyond the bound is answered unwaited', async () => {
  const nats = await aNats()
  const replica = await anAnnouncer(nats.port, 5_000)
  const hand = await aHand(nats.url)
  hand.say('one')
  await replica.knows(1)
  const ids = Array.from({ length: 2_500 }, (_, n) => `job-${n}`)
  let answered = 0
  const all = ids.map((id) => replica.announce('job', [id]).then(() => answered++))
  await waitFor(() => answered > 0, { what: 'those beyond the bound' })
  await waitFor(() => hand.news.flatMap((news) => news.ids).length >= ids.length, { what: 'all news' })
  expect(answered).toBe(500)
  const told = hand.news.filter((news) => news.ids.length > 0)
  expect(told.map((news) => news.ids.length)).toEqual([1_000, 1_000, 500])
  expect(told.flatMap((news) => news.ids)).toEqual(ids)
  for (const { answerTo, changeId } of told) hand.answer(answerTo, changeId, 'one')
  await Promise.all(all)
  expect(replica.waits).toEqual([false, false, false])
})

test('without NATS nobody is waited for, and a NATS that hangs costs the bound', async () => {
  const nats = await aNats()
  const replica = await anAnnouncer(nats.port, 1_000)
  const hand = await aHand(nats.url)
  hand.say('one')
  await replica.knows(1)
  replica.toNats.blackHole()
  const waited = await replica.timed('job', [anId])
  expect(waited).toBeGreaterThan(990)
  expect(waited).toBeLessThan(3_000)
  replica.toNats.refuse()
  await replica.knows(0)
  expect(await replica.timed('job', [anId])).toBeLessThan(990)
})

test('CATALOG_ANNOUNCE_WAIT_MS bounds the wait of a real change, and 0 does not wait', async () => {
  const nats = await aNats()
  const hand = await aHand(nats.url)
  const timeWith = async (waitMs: string) => {
    const app = await openApp({ NATS_URL: nats.url, CATALOG_ANNOUNCE_WAIT_MS: waitMs })
    onTestFinished(() => app[Symbol.asyncDispose]())
    await waitFor(() => hand.news.splice(0).length > 0, { what: 'the roll call' })
    hand.say('one')
    await hand.bus.connection()?.flush()
    const startedAt = performance.now()
    await app.jobs.createJob({ job: { name: 'A job', endpointUrl: 'https://example.com/hook' } })
    return performance.now() - startedAt
  }
  expect(await timeWith('2000')).toBeGreaterThan(1_990)
  expect(await timeWith('0')).toBeLessThan(1_990)
})

test('a replica that begins asks who is there, and followers say so at once', async () => {
  const nats = await aNats()
  const app = await openApp()
  onTestFinished(() => app[Symbol.asyncDispose]())
  const hand = await aHand(nats.url)
  let presences = 0
  hand.bus.subscribe(subjects.catalogFollower, () => presences++)
  await aFollower({ catalogUrl: app.baseUrl, natsPort: nats.port, pollMs: never })
  await waitFor(() => presences > 0, { what: 'the follower to be there' })
  const startedAt = performance.now()
  for (let turn = 0; turn < 5; turn++) {
    const before = presences
    hand.bus.publish(subjects.catalogChanged('project'), new Uint8Array())
    await waitFor(() => presences > before, { what: 'the follower to say so' })
  }
  // Unasked it would take five seconds.
  expect(performance.now() - startedAt).toBeLessThan(2_500)
})
