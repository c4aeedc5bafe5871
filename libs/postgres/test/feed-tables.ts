import { createTestDatabase } from '@strait/testkit/test-database'
import type { Kysely } from 'kysely'
import type pg from 'pg'
import { createKysely, createPool } from '../src/pool.ts'

export interface FeedDatabase {
  readonly pool: pg.Pool
  readonly db: Kysely<Record<string, never>>
  drop(): Promise<void>
}

/** A database with the tables of a feed's owner and of its follower. */
export async function createFeedDatabase(): Promise<FeedDatabase> {
  const database = await createTestDatabase()
  const pool = createPool({ url: database.url, max: 4, name: 'feed-test', onError: () => undefined })
  await pool.query(`
    create table feed (
      pos bigint generated always as identity primary key,
      xid xid8 not null default pg_current_xact_id(),
      body bytea not null
    );
    create index feed_by_xid_and_pos on feed (xid, pos);
    create table feed_followers (
      follower text primary key, xid xid8 not null, pos bigint not null, reported_at timestamptz not null
    );
    create table feed_cursors (feed text primary key, xid xid8 not null, pos bigint not null);
  `)
  return {
    pool,
    db: createKysely(pool),
    drop: async () => {
      await pool.end()
      await database.drop()
    },
  }
}
