// Who lives and who owns what. All times are the database's. Nothing here rests on a leader: every dispatcher runs the same
// statements, and row locks decide.

import type { Pool } from 'pg'
import type { Db } from './db.ts'

/** Makes a new incarnation known; it owns nothing yet. */
export async function insertDispatcher(db: Db, execId: string, leaseMs: number): Promise<void> {
  await db.query(
    'insert into dispatchers (exec_id, lease_until) values ($1, clock_timestamp() + make_interval(secs => $2 / 1000.0))',
    [execId, leaseMs],
  )
}

/** Renews a lease and answers the database's time; undefined when this incarnation was taken over. A lapsed lease is renewed too. */
export async function renewLease(db: Db, execId: string, leaseMs: number): Promise<Date | undefined> {
  const { rows } = await db.query<{ now: Date }>(
    `update dispatchers set lease_until = clock_timestamp() + make_interval(secs => $2 / 1000.0)
     where exec_id = $1 and lease_until > '-infinity'
     returning clock_timestamp() as now`,
    [execId, leaseMs],
  )
  return rows[0]?.now
}

/** What the table says of everybody. */
export interface DispatcherRow {
  readonly execId: string
  readonly state: 'living' | 'lapsed' | 'dead'
}

/** All incarnations: living, lapsed (may be taken over), and dead (taken over). */
export async function listDispatchers(db: Db): Promise<DispatcherRow[]> {
  const { rows } = await db.query<DispatcherRow>(
    `select exec_id as "execId", case when lease_until = '-infinity' then 'dead' when lease_until < clock_timestamp() then 'lapsed' else 'living' end as state
     from dispatchers`,
  )
  return rows
}

/** Who owns each shard; a shard that nobody owns has a null. */
export async function listShards(db: Db): Promise<{ shard: number; owner: string | null }[]> {
  const { rows } = await db.query<{ shard: number; owner: string | null }>(
    'select shard, owner from shards order by shard',
  )
  return rows
}

/**
 * Declares a lapsed incarnation dead and frees its shards. The lock waits for its starts under way; what is read after this commit sees
 * them. False when it renewed in the meantime or somebody else was first.
 */
export async function takeOver(pool: Pool, execId: string): Promise<boolean> {
  return inTransaction(pool, async (db) => {
    const { rows } = await db.query(
      `select 1 from dispatchers where exec_id = $1 and lease_until < clock_timestamp() and lease_until > '-infinity' for update`,
      [execId],
    )
    if (rows.length === 0) return false
    await db.query(`update dispatchers set lease_until = '-infinity' where exec_id = $1`, [execId])
    await db.query('update shards set owner = null where owner = $1', [execId])
    return true
  })
}

/** Takes up to `most` unowned shards; answers which. */
export async function claimShards(db: Db, execId: string, most: number): Promise<number[]> {
  const { rows } = await db.query<{ shard: number }>(
    `update shards set owner = $1
     where shard in (select shard from shards where owner is null order by shard limit $2 for update skip locked)
       and exists (select from dispatchers where exec_id = $1 and lease_until > clock_timestamp() for key share)
     returning shard`,
    [execId, most],
  )
  return rows.map((row) => row.shard)
}

/** Gives shards up: the generation moves on, so that a start decided before is void. Answers the new generation, undefined when taken over. */
export async function giveUpShards(
  pool: Pool,
  execId: string,
  shards: readonly number[],
): Promise<number | undefined> {
  return inTransaction(pool, async (db) => {
    const { rows } = await db.query<{ generation: number }>(
      `update dispatchers set generation = generation + 1
       where exec_id = (select exec_id from dispatchers where exec_id = $1 and lease_until > '-infinity' for update)
       returning generation`,
      [execId],
    )
    if (rows[0] === undefined) return undefined
    await db.query('update shards set owner = null where owner = $1 and shard = any($2::smallint[])', [
      execId,
      shards,
    ])
    return rows[0].generation
  })
}

/** Ends an incarnation of one's own will: its shards are free at once, and calls it still holds are lost attempts. */
export async function retireDispatcher(pool: Pool, execId: string): Promise<void> {
  await inTransaction(pool, async (db) => {
    await db.query('select 1 from dispatchers where exec_id = $1 for update', [execId])
    await db.query(`update dispatchers set lease_until = '-infinity' where exec_id = $1`, [execId])
    await db.query('update shards set owner = null where owner = $1', [execId])
  })
}

/** Forgets incarnations that are dead for a day and hold no attempt; answers how many. */
export async function deleteOldDispatchers(db: Db): Promise<number> {
  const { rowCount } = await db.query(
    `delete from dispatchers d where lease_until = '-infinity' and booted_at < now() - interval '1 day'
       and not exists (select from queue q where q.exec_id = d.exec_id)`,
  )
  return rowCount ?? 0
}

async function inTransaction<T>(pool: Pool, work: (db: Db) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  let broken = true
  try {
    await client.query('begin')
    const result = await work(client)
    await client.query('commit')
    broken = false
    return result
  } finally {
    // A connection in an unknown state is thrown away; Postgres rolls its transaction back.
    client.release(broken)
  }
}
