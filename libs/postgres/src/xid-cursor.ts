// A place in a table whose rows carry the transaction that wrote them: the one way to ask "what is new since" and
// never skip a row. A sequence or a clock is drawn before the commit, so a row that commits late lies behind whoever
// read past it. Transaction ids are drawn early too, but Postgres tells the oldest one still open: every row below it
// is there to be seen or never will be, so reading stops short of it and nothing can appear behind.
//
// The price: a transaction that stays open holds back what others wrote meanwhile, in any database of the cluster.
// Ours end within seconds (see the time-outs in pool.ts). After a dump is restored into another cluster, transaction
// ids start anew: cursors and feeds have to be emptied with it.

import type { QueryExecutorProvider, RawBuilder } from 'kysely'
import { sql } from 'kysely'

/** The last row that was read: its transaction and its place within the table, as decimal text. */
export interface Cursor {
  readonly xid: string
  readonly pos: string
}

/** Before every row. */
export const startOfFeed: Cursor = { xid: '0', pos: '0' }

/** Says whether `a` comes after `b`. */
export function isAfter(a: Cursor, b: Cursor): boolean {
  if (a.xid !== b.xid) return BigInt(a.xid) > BigInt(b.xid)
  return BigInt(a.pos) > BigInt(b.pos)
}

/** The oldest transaction still open, for SQL: rows below it are settled for whoever reads in the same statement. */
export const oldestOpenXid: RawBuilder<string> = sql`pg_snapshot_xmin(pg_current_snapshot())`

/**
 * Reads the bound up to which rows are settled. For a table read as a whole since the last time: read the bound first,
 * then the rows `where xid >= since and xid < bound`, and the bound is the next `since`.
 */
export async function readSettledXid(db: QueryExecutorProvider): Promise<string> {
  const { rows } = await sql<{ xid: string }>`select ${oldestOpenXid}::text as xid`.execute(db)
  const [row] = rows
  if (row === undefined) throw new Error('a select without a table answered no row')
  return row.xid
}
