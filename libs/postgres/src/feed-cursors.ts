// The follower's side of a feed, in the follower's own schema: how far it has come with each feed.
//
// The cursor moves in the transaction that handles the rows before it. Dying before the commit, the rows come again;
// dying after it, they do not. It never moves back, so two replicas that follow together only repeat each other.
//
// The table: feed_cursors(feed text primary key, xid xid8 not null, pos bigint not null)

import type { QueryExecutorProvider } from 'kysely'
import { sql } from 'kysely'
import type { OpenTransaction } from './open-transaction.ts'
import type { Cursor } from './xid-cursor.ts'
import { startOfFeed } from './xid-cursor.ts'

/** Answers how far a feed has been handled; before the first time that is its start. */
export async function loadCursor(db: QueryExecutorProvider, feed: string): Promise<Cursor> {
  const { rows } = await sql<Cursor>`
    select xid::text as xid, pos::text as pos from feed_cursors where feed = ${feed}
  `.execute(db)
  return rows[0] ?? startOfFeed
}

/** Moves the cursor forward in the transaction that handled the rows up to it; never back. */
export async function saveCursor(trx: OpenTransaction, feed: string, cursor: Cursor): Promise<void> {
  await sql`
    insert into feed_cursors as c (feed, xid, pos)
    values (${feed}, ${cursor.xid}::xid8, ${cursor.pos}::bigint)
    on conflict (feed) do update
    set xid = excluded.xid, pos = excluded.pos
    where (c.xid, c.pos) < (excluded.xid, excluded.pos)
  `.execute(trx)
}
