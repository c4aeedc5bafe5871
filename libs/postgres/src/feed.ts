// The owner's side of a feed: news for other services that must not get lost.
//
// A feed row is written in the transaction of the change it tells, so it exists exactly when the change does. Readers
// get settled rows only, in (xid, pos) order, so whatever commits late comes after what they have read. Each
// configured follower's cursor is kept here only to know what may be deleted; the follower's own copy is what it reads
// from, so a report that is lost or late costs space and nothing else.
//
// The tables are in the schema of the service whose connection asks:
//   feed(pos bigint generated always as identity primary key, xid xid8 not null default pg_current_xact_id(),
//        body bytea not null), with an index on (xid, pos)
//   feed_followers(follower text primary key, xid xid8 not null, pos bigint not null, reported_at timestamptz not null)

import type { QueryExecutorProvider } from 'kysely'
import { sql } from 'kysely'
import type { OpenTransaction } from './open-transaction.ts'
import type { Cursor } from './xid-cursor.ts'
import { oldestOpenXid } from './xid-cursor.ts'

/** One write batch's news. */
export interface FeedRow extends Cursor {
  readonly body: Uint8Array
}

export interface ReadFeedOptions {
  readonly after: Cursor
  /** The most rows. */
  readonly limit: number
  /** The most bytes of bodies; a first row larger than this is answered alone. */
  readonly maxBytes: number
}

/** Writes one feed row in the caller's transaction and answers its place. */
export async function insertFeedRow(trx: OpenTransaction, body: Uint8Array): Promise<Cursor> {
  const { rows } = await sql<Cursor>`
    insert into feed (body) values (${body}) returning xid::text as xid, pos::text as pos
  `.execute(trx)
  const [row] = rows
  if (row === undefined) throw new Error('an insert without a condition answered no row')
  return row
}

/** Reads the settled rows after a cursor, in order; none means that there is nothing new. */
export async function readFeed(
  db: QueryExecutorProvider,
  { after, limit, maxBytes }: ReadFeedOptions,
): Promise<readonly FeedRow[]> {
  const { rows } = await sql<FeedRow>`
    select xid::text as xid, pos::text as pos, body
    from (
      select xid, pos, body, row_number() over so_far as nth, sum(octet_length(body)) over so_far as bytes
      from (
        select xid, pos, body
        from feed
        where (xid, pos) > (${after.xid}::xid8, ${after.pos}::bigint) and xid < ${oldestOpenXid}
        order by xid, pos
        limit ${limit}
      ) as page
      window so_far as (order by xid, pos rows unbounded preceding)
    ) as measured
    where nth = 1 or bytes <= ${maxBytes}
    order by measured.xid, measured.pos
  `.execute(db)
  return rows
}

/** Notes how far a follower has come; a report that is older than the one before changes nothing. */
export async function reportCursor(
  db: QueryExecutorProvider,
  follower: string,
  cursor: Cursor,
): Promise<void> {
  await sql`
    insert into feed_followers as f (follower, xid, pos, reported_at)
    values (${follower}, ${cursor.xid}::xid8, ${cursor.pos}::bigint, now())
    on conflict (follower) do update
    set xid = excluded.xid, pos = excluded.pos, reported_at = excluded.reported_at
    where (f.xid, f.pos) <= (excluded.xid, excluded.pos)
  `.execute(db)
}

/**
 * Deletes what every configured follower has read, at most `limit` rows, and answers how many they were.
 * A configured follower that never reported keeps everything, and so does an empty list; others are not waited for.
 */
export async function trimFeed(
  db: QueryExecutorProvider,
  followers: readonly string[],
  limit = 10_000,
): Promise<number> {
  const names = [...new Set(followers)]
  const result = await sql`
    with configured as (
      select xid, pos from feed_followers where follower = any(${names}::text[])
    ), lowest as (
      select xid, pos from configured
      where (select count(*) from configured) = ${names.length}
      order by xid, pos
      limit 1
    )
    delete from feed
    where pos = any(array(
      select pos
      from feed
      -- As values of their own the two bound the index scan; joined, they would filter the whole backlog.
      where (xid, pos) <= ((select xid from lowest), (select pos from lowest))
      order by xid, pos
      limit ${limit}
    ))
  `.execute(db)
  return Number(result.numAffectedRows ?? 0n)
}
