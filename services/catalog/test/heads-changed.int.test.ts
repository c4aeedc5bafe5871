import { createKysely, createPool } from '@strait/postgres/pool'
import { settled } from '@strait/testkit/settled'
import { type RawBuilder, sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findHeads } from '../src/store/heads/find-heads.ts'
import { changedHeads, type HeadCursor, listChangedHeads } from '../src/store/heads/list-changed-heads.ts'
import type { Tables } from '../src/store/tables.ts'
import { insertEnvironment, insertGroup, touch } from './heads-bundle.ts'
import { insertJob, openStore, type StoreBundle } from './store-bundle.ts'

let store: StoreBundle
beforeEach(async () => {
  store = await openStore()
})
afterEach(() => store[Symbol.asyncDispose]())

/** Reads to the end in pages of a size; answers the ids of each page and the last cursor. */
async function readAll(since: HeadCursor | undefined, limit: number) {
  await settled(store.database.url)
  const pages: string[][] = []
  let cursor = since
  for (let more = true; more; ) {
    const page = await listChangedHeads(store.db, cursor, limit)
    pages.push(page.heads.map((head) => head.id))
    cursor = page.next
    more = page.more
  }
  return { ids: pages.flat(), pages, cursor }
}

test('heads of every kind come in one order, that of their changes', async () => {
  const { db, projectId } = store
  const { cursor, ids: before } = await readAll(undefined, 100)
  expect(before).toContain(projectId)
  const job = await insertJob(db, projectId, { slug: 'one' })
  const group = await insertGroup(db, projectId, 'group')
  const environment = await insertEnvironment(db, projectId, 'qa')
  await touch(db, 'projects', projectId)
  await touch(db, 'jobs', job)
  for (const limit of [1, 2, 3, 100]) {
    const { ids, pages } = await readAll(cursor, limit)
    expect(ids).toEqual([group, environment, projectId, job])
    expect(Math.max(...pages.map((page) => page.length))).toBeLessThanOrEqual(limit)
  }
})

test('heads of one transaction are torn apart by no page', async () => {
  const { cursor } = await readAll(undefined, 100)
  const written = await store.db.transaction().execute(async (transaction) => {
    const ids: string[] = []
    for (let n = 0; n < 5; n++) {
      ids.push(await insertJob(transaction, store.projectId, { slug: `job-${n}` }))
      ids.push(await insertGroup(transaction, store.projectId, `group-${n}`))
    }
    return ids
  })
  expect((await readAll(cursor, 3)).ids).toEqual(written.toSorted())
})

test('nothing that commits late is skipped, of whatever kind', async () => {
  const { db, projectId } = store
  const { cursor } = await readAll(undefined, 100)
  const late = await db.startTransaction().execute()
  const lateId = await insertGroup(late, projectId, 'late')
  const earlyId = await insertJob(db, projectId, { slug: 'early' })
  // The early one has the greater transaction id: to answer it now would be to pass the late one by.
  expect(await listChangedHeads(db, cursor, 10)).toMatchObject({ heads: [], next: cursor, more: false })
  await late.commit().execute()
  expect((await readAll(cursor, 10)).ids).toEqual([lateId, earlyId])
})

test('a follower that reads while many write sees the last state of everything', async () => {
  const { db, projectId } = store
  const pool = createPool({
    url: store.database.url,
    role: 'catalog',
    max: 4,
    name: 'writers',
    onError: () => undefined,
  })
  const writers = createKysely<Tables>(pool)
  const job = await insertJob(db, projectId, { slug: 'shared' })
  let writing = true
  const written = Promise.all(
    Array.from({ length: 40 }, async (_, n) => {
      const transaction = await writers.startTransaction().execute()
      const id = await insertGroup(transaction, projectId, `group-${n}`)
      // Commits come in another order than the transaction ids, and so do the writes of the one row.
      await sql`select pg_sleep(${(n % 7) / 1_000})`.execute(transaction)
      await sql`update jobs set slug = ${`slug-${n}`}, changed = pg_current_xact_id() where id = ${job}`.execute(
        transaction,
      )
      await transaction.commit().execute()
      return id
    }),
  ).finally(() => {
    writing = false
  })
  const seen = new Set<string>()
  const slugs: string[] = []
  let cursor: HeadCursor | undefined
  for (let lastTurn = false; !lastTurn; ) {
    lastTurn = !writing
    if (lastTurn) await settled(store.database.url)
    const page = await listChangedHeads(db, cursor, 5)
    for (const head of page.heads) {
      seen.add(head.id)
      if (head.kind === 'job') slugs.push(head.slug)
    }
    cursor = page.next
    lastTurn &&= !page.more
  }
  expect([...seen]).toEqual(expect.arrayContaining([...(await written)]))
  const { slug } = await db.selectFrom('jobs').select('slug').where('id', '=', job).executeTakeFirstOrThrow()
  expect(slugs.at(-1)).toBe(slug)
  await writers.destroy()
})

test('who begins hears of nothing that was deleted before, and of everything that is deleted while it reads', async () => {
  const { db, projectId } = store
  const jobs: string[] = []
  for (let n = 0; n < 6; n++) jobs.push(await insertJob(db, projectId, { slug: `job-${n}` }))
  const [deletedBefore, , , , deletedMeanwhile] = jobs
  const remove = (id: string | undefined) =>
    sql`update jobs set deleted_at = now(), changed = pg_current_xact_id() where id = ${id}`.execute(db)
  await remove(deletedBefore)
  await settled(store.database.url)

  const first = await listChangedHeads(db, undefined, 2)
  expect(first.next?.begunAt).toMatch(/^\d+$/)
  await remove(deletedMeanwhile)
  const { ids, cursor } = await readAll(first.next, 2)
  const all = [...first.heads.map((head) => head.id), ...ids]
  expect(all).not.toContain(deletedBefore)
  expect(all.at(-1)).toBe(deletedMeanwhile)
  expect(cursor?.begunAt).toBeUndefined()
  expect((await findHeads(db, [deletedBefore ?? ''], [])).heads).toMatchObject([{ deleted: true }])
})

test('a page is bounded by what it answers and by what is read for it, and a first head always comes', async () => {
  const { db, projectId } = store
  const { cursor } = await readAll(undefined, 100)
  const payload = `"${'x'.repeat(10_000)}"`
  for (let n = 0; n < 6; n++) await insertJob(db, projectId, { slug: `job-${n}`, cronPayload: payload })
  await settled(store.database.url)
  const countWith = async (answerBytes: number, readBytes: number) => {
    const page = await listChangedHeads(db, cursor, 100, { answerBytes, readBytes })
    return [page.heads.length, page.more]
  }
  expect(await countWith(1e9, 1e9)).toEqual([6, false])
  expect(await countWith(1, 1e9)).toEqual([1, true])
  expect(await countWith(1e9, 1)).toEqual([1, true])
  expect(await countWith(1_600, 1e9)).toEqual([2, true])
  expect(await countWith(1e9, 35_000)).toEqual([3, true])
})

test('of two answers the one that was read later has the greater number, also when only an older transaction ended between them', async () => {
  const { db, projectId } = store
  const older = await db.startTransaction().execute()
  await touch(older, 'projects', projectId)
  const group = await insertGroup(db, projectId, 'group')
  const read = () => findHeads(db, [projectId, group], [])
  const [before, between] = [await read(), await read()]
  expect(between.asOf).toBeGreaterThanOrEqual(before.asOf)
  await older.commit().execute()
  const after = await read()
  expect(after.asOf).toBeGreaterThan(between.asOf)
})

test('a deletion that was begun more than a minute ago, and not finished, is not under way', async () => {
  const { db, projectId } = store
  const job = await insertJob(db, projectId, { slug: 'one' })
  const closing = async (at: RawBuilder<unknown>) => {
    await sql`update jobs set closing_at = ${at}, changed = pg_current_xact_id() where id = ${job}`.execute(
      db,
    )
    const { heads } = await findHeads(db, [job], [])
    return heads[0]?.kind === 'job' && heads[0].closing
  }
  expect(await closing(sql`now()`)).toBe(true)
  expect(await closing(sql`now() - interval '61 seconds'`)).toBe(false)
  expect(await closing(sql`null`)).toBe(false)
})

test('a page of ten from among thousands reads its own rows and one more of each kind, along the indexes by change', async () => {
  const { db, projectId } = store
  await sql`
    with made as (
      insert into jobs (id, project_id, slug, name, version, created_by)
      select gen_random_uuid(), ${projectId}, 'job-' || n, 'A job', 20, 'system:test' from generate_series(1, 1000) as n
      returning id
    )
    insert into job_versions (job_id, version, version_id, config, created_by)
    select id, n, 'ver_0000000' || 100 + n, '{}', 'system:test' from made, generate_series(1, 20) as n
  `.execute(db)
  await sql`
    insert into job_groups (id, project_id, slug, name, description, created_by, updated_by)
    select gen_random_uuid(), ${projectId}, 'group-' || n, 'A group', '', 'system:test', 'system:test'
    from generate_series(1, 1000) as n
  `.execute(db)
  await settled(store.database.url)
  const pool = createPool({
    url: store.database.url,
    role: 'catalog',
    max: 1,
    name: 'planner',
    plan: 'index_only',
    onError: () => undefined,
  })
  const planOf = async (after: HeadCursor) => {
    const query = changedHeads(after, 10).compile(db)
    const { rows } = await pool.query<{ 'QUERY PLAN': string }>(
      `explain (analyze, costs off, timing off, summary off) ${query.sql}`,
      [...query.parameters],
    )
    return rows.map((row) => row['QUERY PLAN'])
  }
  // Whether or not the tables were ever analyzed.
  for (const isAnalyzed of [false, true]) {
    for (const table of isAnalyzed ? ['jobs', 'job_groups', 'job_versions'] : [])
      await sql`analyze ${sql.table(table)}`.execute(db)
    const plan = await planOf({ xid: '1', id: projectId, begunAt: undefined })
    const text = plan.join('\n')
    const scans = plan.filter((line) => /Scan/.test(line) && !/Subquery Scan|Function Scan/.test(line))
    const rowsOf = (lines: readonly string[]) =>
      lines
        .map((line) => /actual rows=([\d.]+) loops=(\d+)/.exec(line))
        .map((match) => Number(match?.[1] ?? 0) * Number(match?.[2] ?? 0))
    const total = (lines: readonly string[]) => rowsOf(lines).reduce((sum, rows) => sum + rows, 0)
    expect(total(scans.filter((line) => line.includes('_by_change'))), text).toBeLessThanOrEqual(10 + 1 + 3)
    // Head and newest version of each, once for its size and once for itself.
    expect(total(scans), text).toBeLessThanOrEqual(14 + 4 * 11)
    expect(text).not.toMatch(/Seq Scan|Bitmap|Rows Removed by Filter: [2-9]/)
  }
  await pool.end()
})
