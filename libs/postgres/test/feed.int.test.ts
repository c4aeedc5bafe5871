import { waitFor } from '@strait/testkit/wait-for'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { FeedRow } from '../src/feed.ts'
import { insertFeedRow, readFeed, reportCursor, trimFeed } from '../src/feed.ts'
import { loadCursor, saveCursor } from '../src/feed-cursors.ts'
import type { Cursor } from '../src/xid-cursor.ts'
import { isAfter, readSettledXid, startOfFeed } from '../src/xid-cursor.ts'
import type { FeedDatabase } from './feed-tables.ts'
import { createFeedDatabase } from './feed-tables.ts'

let feed: FeedDatabase

beforeEach(async () => {
  feed = await createFeedDatabase()
})

afterEach(async () => {
  await feed.drop()
})

const insert = (text: string) => feed.db.transaction().execute((trx) => insertFeedRow(trx, Buffer.from(text)))
const texts = (rows: readonly FeedRow[]) => rows.map((row) => Buffer.from(row.body).toString())
const read = (after: Cursor = startOfFeed, limit = 100, maxBytes = 1_000_000) =>
  readFeed(feed.db, { after, limit, maxBytes })

// Transactions of other tests in the same cluster hold rows back for a moment.
async function settled(...written: readonly Cursor[]): Promise<void> {
  const isSettled = async () => {
    const bound = BigInt(await readSettledXid(feed.db))
    return written.every((cursor) => BigInt(cursor.xid) < bound)
  }
  await waitFor(isSettled, { what: 'the rows to be settled' })
}

test('rows are read in order, each once, from the cursor of the last one', async () => {
  for (const text of ['a', 'b', 'c']) await settled(await insert(text))
  const first = await read(startOfFeed, 2)
  expect(texts(first)).toEqual(['a', 'b'])
  const second = await read(first[1])
  expect(texts(second)).toEqual(['c'])
  expect(await read(second[0])).toEqual([])
})

test('a transaction that began earlier and commits later is never skipped', async () => {
  const early = await feed.db.startTransaction().execute()
  const first = await insertFeedRow(early, Buffer.from('early'))
  const late = await insert('late')
  expect(isAfter(late, first)).toBe(true)
  expect(await read()).toEqual([])
  await early.commit().execute()
  await settled(first, late)
  expect(texts(await read())).toEqual(['early', 'late'])
})

test('an earlier transaction that writes its row after a later one committed is never skipped', async () => {
  const early = await feed.db.startTransaction().execute()
  await sql`select pg_current_xact_id()`.execute(early)
  const late = await insert('late')
  const first = await insertFeedRow(early, Buffer.from('early'))
  expect(BigInt(first.pos)).toBeGreaterThan(BigInt(late.pos))
  expect(await read()).toEqual([])
  await early.commit().execute()
  await settled(first, late)
  expect(texts(await read())).toEqual(['early', 'late'])
})

test('a reader that follows racing writers sees every row exactly once', async () => {
  const writers = Array.from({ length: 3 }, async (_, writer) => {
    for (let nth = 0; nth < 40; nth++) await insert(`${writer}:${nth}`)
  })
  const seen: FeedRow[] = []
  const readOn = async () => {
    seen.push(...(await read(seen.at(-1), 7)))
    return seen.length >= 120
  }
  await waitFor(readOn, { what: 'all rows to be read' })
  await Promise.all(writers)
  expect(await read(seen.at(-1))).toEqual([])
  expect(texts(seen).sort()).toEqual(
    [0, 1, 2].flatMap((writer) => Array.from({ length: 40 }, (_, nth) => `${writer}:${nth}`)).sort(),
  )
})

test('a row of a transaction that is rolled back is never read and holds nothing back', async () => {
  const undone = await feed.db.startTransaction().execute()
  await insertFeedRow(undone, Buffer.from('undone'))
  const kept = await insert('kept')
  await undone.rollback().execute()
  await settled(kept)
  expect(texts(await read())).toEqual(['kept'])
})

test('a page ends before its bytes are too many, but holds one row at least', async () => {
  for (const text of ['12345', '67', '8', '9']) await settled(await insert(text))
  expect(texts(await read(startOfFeed, 100, 8))).toEqual(['12345', '67', '8'])
  expect(texts(await read(startOfFeed, 100, 1))).toEqual(['12345'])
})

test('trimming deletes what all configured followers have read, and no more', async () => {
  const places: Cursor[] = []
  for (const text of ['a', 'b', 'c', 'd']) places.push(await insert(text))
  const [a, b, c, d] = places
  if (a === undefined || b === undefined || c === undefined || d === undefined)
    throw new Error('four were inserted')
  await reportCursor(feed.db, 'fast', d)
  await reportCursor(feed.db, 'not configured', a)
  expect(await trimFeed(feed.db, ['fast', 'silent'])).toBe(0)
  expect(await trimFeed(feed.db, [])).toBe(0)
  await reportCursor(feed.db, 'silent', b)
  await settled(...places)
  expect(await trimFeed(feed.db, ['fast', 'silent', 'fast'])).toBe(2)
  expect(texts(await read())).toEqual(['c', 'd'])
  expect(await trimFeed(feed.db, ['fast'], 1)).toBe(1)
  expect(texts(await read())).toEqual(['d'])
})

test('a report never moves a follower back', async () => {
  const [a, b] = [await insert('a'), await insert('b')]
  await reportCursor(feed.db, 'follower', b)
  await reportCursor(feed.db, 'follower', a)
  expect(await trimFeed(feed.db, ['follower'])).toBe(2)
})

test('a cursor is saved with the rows it handled, starts before every row and never moves back', async () => {
  const [a, b] = [await insert('a'), await insert('b')]
  expect(await loadCursor(feed.db, 'run')).toEqual(startOfFeed)
  const undone = feed.db.transaction().execute(async (trx) => {
    await saveCursor(trx, 'run', b)
    throw new Error('the handling failed')
  })
  await expect(undone).rejects.toThrow('the handling failed')
  expect(await loadCursor(feed.db, 'run')).toEqual(startOfFeed)
  for (const cursor of [b, a]) await feed.db.transaction().execute((trx) => saveCursor(trx, 'run', cursor))
  expect(await loadCursor(feed.db, 'run')).toEqual(b)
})

test('the settled bound stays below a transaction that is open and passes it when it ends', async () => {
  const open = await feed.db.startTransaction().execute()
  const { xid } = await insertFeedRow(open, Buffer.from('open'))
  expect(BigInt(await readSettledXid(feed.db))).toBeLessThanOrEqual(BigInt(xid))
  await open.commit().execute()
  const isPassed = async () => BigInt(await readSettledXid(feed.db)) > BigInt(xid)
  await waitFor(isPassed, { what: 'the bound to pass the transaction' })
})
