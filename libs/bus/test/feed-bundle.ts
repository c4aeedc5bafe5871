import { jetstreamManager } from '@nats-io/jetstream'
import { insertFeedRow, readFeed } from '@strait/postgres/feed'
import { loadCursor, saveCursor } from '@strait/postgres/feed-cursors'
import { createKysely, createPool } from '@strait/postgres/pool'
import { settled } from '@strait/testkit/settled'
import { createTestDatabase } from '@strait/testkit/test-database'
import { waitFor } from '@strait/testkit/wait-for'
import type { Bus } from '../src/connect-bus.ts'
import type { Cursor, FeedRow } from '../src/feed-place.ts'
import type { FeedFollowerOptions } from '../src/follow-feed.ts'
import { createFeedFollower } from '../src/follow-feed.ts'
import { atEnd, bytesOf, createRecordingLog, textOf } from './bus-bundle.ts'

const feedName = 'run'
const subject = 'strait.feed.run'

interface HandledRow {
  readonly id?: number
  readonly body: string
  readonly advanced: boolean
}

/** A feed's owner and its follower's store, as tables of one database. */
export async function aFeed() {
  const database = await createTestDatabase()
  atEnd(database.drop)
  const pool = createPool({ url: database.url, max: 6, name: 'follow-test', onError: () => undefined })
  atEnd(() => pool.end())
  await pool.query(`
    create table feed (
      pos bigint generated always as identity primary key,
      xid xid8 not null default pg_current_xact_id(),
      body bytea not null
    );
    create index feed_by_xid_and_pos on feed (xid, pos);
    create table feed_cursors (feed text primary key, xid xid8 not null, pos bigint not null);
    create table handled (id int generated always as identity primary key, body text, advanced boolean);
  `)
  const db = createKysely<{ handled: HandledRow }>(pool)
  return {
    pool,
    /** Writes a row and answers it as a message would bring it. */
    async insert(text: string): Promise<FeedRow> {
      const body = bytesOf(text)
      return { ...(await db.transaction().execute((trx) => insertFeedRow(trx, body))), body }
    },
    /** Waits until all that was written is there to be read. */
    settled: () => settled(database.url),
    load: () => loadCursor(db, feedName),
    read: async (after: Cursor, limit: number) => ({
      rows: await readFeed(db, { after, limit, maxBytes: 1_000_000 }),
    }),
    /** Notes the rows, and with them the cursor. */
    async handle(rows: readonly FeedRow[], advanceTo?: Cursor): Promise<void> {
      await db.transaction().execute(async (trx) => {
        for (const row of rows) {
          const noted = { body: textOf(row.body), advanced: advanceTo !== undefined }
          await trx.insertInto('handled').values(noted).execute()
        }
        if (advanceTo) await saveCursor(trx, feedName, advanceTo)
      })
    },
    /** The rows that were handled, in the order in which they were. */
    async handled(): Promise<readonly string[]> {
      const rows = await db.selectFrom('handled').select('body').orderBy('id').execute()
      return rows.map((row) => row.body)
    },
    /** The rows that were handled when the cursor came by, not before. */
    async handledByThePoll(): Promise<readonly string[]> {
      const rows = await db.selectFrom('handled').select('body').where('advanced', '=', true).execute()
      return rows.map((row) => row.body).sort()
    },
  }
}

export type Feed = Awaited<ReturnType<typeof aFeed>>

/** Longer than any test: what is handled with it was not found by the clock. */
export const neverMs = 600_000

/** A started follower of a feed, stopped at the end of the test; it has read the feed once. */
export async function aFollower(bus: Bus, feed: Feed, options: Partial<FeedFollowerOptions> = {}) {
  const log = createRecordingLog()
  let reads = 0
  const follower = createFeedFollower({
    name: 'follower',
    feed: feedName,
    stream: 'STRAIT_FEED',
    subject,
    bus,
    load: feed.load,
    handle: feed.handle,
    decode,
    log,
    ...options,
    async read(after, limit) {
      const page = await (options.read ?? feed.read)(after, limit)
      reads++
      return page
    },
  })
  atEnd(follower.stop)
  await follower.start()
  return {
    ...follower,
    log,
    reads: () => reads,
    /** Waits until messages reach it and it has nothing left to read. */
    async isReady(): Promise<void> {
      await waitFor(() => reads > 0, { what: 'the first read' })
      await waitFor(() => isWaiting(bus, 'follower-run'), { what: 'the consumer to wait for messages' })
    },
  }
}

/** Sends a row, or only the word that there is one. */
export async function send(bus: Bus, ...news: readonly (FeedRow | 'poke' | 'nonsense')[]): Promise<void> {
  for (const each of news) {
    const text = typeof each === 'string' ? each : JSON.stringify({ ...each, body: textOf(each.body) })
    if (!(await bus.publishStream(subject, bytesOf(text)))) throw new Error('a message was not stored')
  }
}

function decode(bytes: Uint8Array): FeedRow | 'poke' {
  const text = textOf(bytes)
  if (text === 'poke') return text
  const { xid, pos, body } = JSON.parse(text)
  return { xid, pos, body: bytesOf(body) }
}

async function isWaiting(bus: Bus, durable: string): Promise<boolean> {
  const connection = bus.connection()
  if (connection === undefined) return false
  const { consumers } = await jetstreamManager(connection)
  return (await consumers.info('STRAIT_FEED', durable)).num_waiting > 0
}
