import { createKysely } from '@strait/postgres/pool'
import type { Kysely } from 'kysely'
import type { Pool } from 'pg'

/** Where the feed's helpers read and write. */
export type FeedDb = Kysely<unknown>

/** Wraps the pool for the feed's helpers. */
export function createFeedDb(pool: Pool): FeedDb {
  return createKysely<unknown>(pool)
}
