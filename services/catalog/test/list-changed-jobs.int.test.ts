import { createKysely, createPool } from '@strait/postgres/pool'
import { settled } from '@strait/testkit/settled'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { beginningOfChanges, listChangedJobs } from '../src/store/jobs/list-changed-jobs.ts'
import type { Tables } from '../src/store/tables.ts'
import { insertJob, openStore, type StoreBundle } from './store-bundle.ts'

let store: StoreBundle
beforeEach(async () => {
  store = await openStore()
})
afterEach(() => store[Symbol.asyncDispose]())

test('nothing that commits late is skipped', async () => {
  const { db, projectId } = store
  const late = await db.startTransaction().execute()
  const lateId = await insertJob(late, projectId, { slug: 'late' })
  const earlyId = await insertJob(db, projectId, { slug: 'early' })

  // The early one has the greater transaction id: to answer it now would be to pass the late one by.
  const before = await listChangedJobs(db, beginningOfChanges, 10)
  expect(before).toEqual({ jobs: [], next: beginningOfChanges, more: false })

  await late.commit().execute()
  await settled(store.database.url)
  const after = await listChangedJobs(db, before.next, 10)
  expect(after.jobs.map((job) => job.id)).toEqual([lateId, earlyId])
  expect(await listChangedJobs(db, after.next, 10)).toEqual({ jobs: [], next: after.next, more: false })
})

test('a follower that reads while many write sees every job', async () => {
  const { db, projectId } = store
  const onError = () => undefined
  const pool = createPool({ url: store.database.url, role: 'catalog', max: 4, name: 'writers', onError })
  const writers = createKysely<Tables>(pool)
  let writing = true
  const written = Promise.all(
    Array.from({ length: 60 }, async (_, n) => {
      const transaction = await writers.startTransaction().execute()
      const id = await insertJob(transaction, projectId, { slug: `job-${n}` })
      // Commits come in another order than the transaction ids.
      await sql`select pg_sleep(${(n % 7) / 1_000})`.execute(transaction)
      await transaction.commit().execute()
      return id
    }),
  ).finally(() => {
    writing = false
  })
  const seen: string[] = []
  let cursor = beginningOfChanges
  for (let lastTurn = false; !lastTurn; ) {
    lastTurn = !writing
    if (lastTurn) await settled(store.database.url)
    const page = await listChangedJobs(db, cursor, 7)
    seen.push(...page.jobs.map((job) => job.id))
    cursor = page.next
    lastTurn &&= !page.more
  }
  expect(seen.sort()).toEqual([...(await written)].sort())
  await writers.destroy()
})

test('a job that changes again comes again, at the end', async () => {
  const { db, projectId } = store
  const first = await insertJob(db, projectId, { slug: 'first' })
  const second = await insertJob(db, projectId, { slug: 'second' })
  await settled(store.database.url)
  const { next } = await listChangedJobs(db, beginningOfChanges, 10)
  await db.updateTable('jobs').set({ changed: sql`pg_current_xact_id()` }).where('id', '=', first).execute()
  await settled(store.database.url)
  expect((await listChangedJobs(db, next, 10)).jobs.map((job) => job.id)).toEqual([first])
  expect((await listChangedJobs(db, beginningOfChanges, 10)).jobs.map((job) => job.id)).toEqual([
    second,
    first,
  ])
})

test('pages follow each other without a gap, jobs of one transaction included', async () => {
  const { db, projectId } = store
  const ids = await db.transaction().execute(async (transaction) => {
    const inserted: string[] = []
    for (let n = 0; n < 5; n++) inserted.push(await insertJob(transaction, projectId, { slug: `job-${n}` }))
    return inserted
  })
  await settled(store.database.url)
  const first = await listChangedJobs(db, beginningOfChanges, 3)
  const second = await listChangedJobs(db, first.next, 3)
  expect([...first.jobs, ...second.jobs].map((job) => job.id)).toEqual(ids)
  expect([first.more, second.more]).toEqual([true, false])
})

test('a page is bounded by its size too, and a job is never too large to come', async () => {
  const { db, projectId } = store
  const cronPayload = `"${'x'.repeat(1024 * 1024 - 2)}"`
  for (let n = 0; n < 10; n++) await insertJob(db, projectId, { slug: `job-${n}`, cronPayload })
  await settled(store.database.url)
  const sizes: number[] = []
  for (let page = await listChangedJobs(db, beginningOfChanges, 500); page.jobs.length > 0; ) {
    sizes.push(page.jobs.length)
    page = await listChangedJobs(db, page.next, 500)
  }
  expect(sizes).toEqual([7, 3])
})

test('it is read by its index', async () => {
  const { db, projectId } = store
  for (let n = 0; n < 200; n++) await insertJob(db, projectId, { slug: `job-${n}` })
  await sql`analyze`.execute(db)
  const { rows } = await sql<{ 'QUERY PLAN': string }>`
    explain select * from jobs where (changed, id) > ('0'::xid8, ${beginningOfChanges.id}::uuid)
    order by changed, id limit 5
  `.execute(db)
  expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toMatch(/Index Scan using jobs_by_change/)
})
