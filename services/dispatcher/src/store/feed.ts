import type { Db } from './db.ts'

/** Writes a feed row of its own; answers where it stands. */
export async function insertFeedBody(db: Db, body: Uint8Array): Promise<{ xid: string; pos: string }> {
  const { rows } = await db.query<{ xid: string; pos: string }>({
    name: 'insert_feed',
    text: 'insert into feed (body) values ($1) returning xid::text, pos::text',
    values: [Buffer.from(body)],
  })
  return rows[0] as { xid: string; pos: string }
}
