// Reading waiting runs: page by page when much is left out, and since the last look for what got no wake.

import type { Entry, LaneKey } from '../domain/entry.ts'
import type { Db } from './db.ts'

interface Row extends Omit<Entry, 'dueAtMs'> {
  readonly dueAt: Date
}

const columns = `run_id as "runId", project_id as "projectId", job_id as "jobId", shard, version, due_at as "dueAt", fence, attempt`

// Per shard, so that each index descent stops after its page however long the others' backlogs are. Runs of held jobs are looked past and
// not brought; the last one looked at always is, since it says where to go on. So a statement's work is bounded by the page, also where a
// million held runs lie before the next one that is not.
const pageSql = `
  with looked_at as (
    select q.*, row_number() over (order by q."dueAt", q."runId") as nth
    from unnest($1::smallint[]) as mine (shard)
    cross join lateral (
      select ${columns} from queue
      where queue.shard = mine.shard and status = 'ready' and (due_at, run_id) > ($2, $3)
      order by due_at, run_id limit $4
    ) q
    order by "dueAt", "runId" limit $4
  )
  select * from looked_at
  where "jobId" <> all($5::uuid[]) or nth = (select max(nth) from looked_at)
  order by nth`

/** A page of a backlog. */
export interface BacklogPage {
  readonly entries: readonly Entry[]
  /** After which key to go on; undefined when nothing follows. */
  readonly next: LaneKey | undefined
}

/** The next waiting runs of some shards after a key, in the lane's order, those of some jobs left out. */
export async function loadBacklog(
  db: Db,
  shards: readonly number[],
  after: LaneKey,
  limit: number,
  leaveOut: readonly string[] = [],
): Promise<BacklogPage> {
  const { rows } = await db.query<Row & { nth: string }>({
    name: 'load_backlog',
    text: pageSql,
    values: [shards, ...keyValues(after), limit, leaveOut],
  })
  const last = rows.at(-1)
  const left = new Set(leaveOut)
  return {
    entries: rows.filter((row) => !left.has(row.jobId)).map(toEntry),
    next: last === undefined || Number(last.nth) < limit ? undefined : toEntry(last),
  }
}

const jobPageSql = `
  select ${columns} from queue
  where job_id = $1 and status = 'ready' and (due_at, run_id) > ($2, $3)
  order by due_at, run_id limit $4`

/** The next waiting runs of one job after a key, in the lane's order. */
export async function loadBacklogOfJob(
  db: Db,
  jobId: string,
  after: LaneKey,
  limit: number,
): Promise<Entry[]> {
  const { rows } = await db.query<Row>({
    name: 'load_backlog_of_job',
    text: jobPageSql,
    values: [jobId, ...keyValues(after), limit],
  })
  return rows.map(toEntry)
}

function keyValues(after: LaneKey): [dueAt: Date | string, runId: string] {
  return after.dueAtMs === Number.NEGATIVE_INFINITY
    ? ['-infinity', '00000000-0000-0000-0000-000000000000']
    : [new Date(after.dueAtMs), after.runId]
}

const armedSql = `
  select q.* from unnest($1::smallint[]) as mine (shard)
  cross join lateral (
    select ${columns}, armed::text from queue
    where queue.shard = mine.shard and armed >= $2::xid8 and status = 'ready'
    order by queue.armed limit $3
  ) q
  order by q.armed::numeric limit $3`

/**
 * Waiting runs armed since a transaction, and the transaction to go on from. What was under way at the last look commits
 * above its xmin, so going on from the xmin skips nothing; some runs come twice.
 */
export async function loadArmedSince(
  db: Db,
  shards: readonly number[],
  since: string,
  limit: number,
): Promise<{ entries: Entry[]; next: string }> {
  const { rows: snapshots } = await db.query<{ xmin: string }>({
    name: 'xmin',
    text: 'select pg_snapshot_xmin(pg_current_snapshot())::text as xmin',
  })
  const { rows } = await db.query<Row & { armed: string }>({
    name: 'load_armed',
    text: armedSql,
    values: [shards, since, limit],
  })
  const last = rows.at(-1)
  // A full page may have cut off: go on from its last transaction.
  return {
    entries: rows.map(toEntry),
    next: rows.length < limit || last === undefined ? (snapshots[0]?.xmin ?? since) : last.armed,
  }
}

/** The transaction before which everything is settled: where a sweep may begin after a complete load. */
export async function currentXmin(db: Db): Promise<string> {
  const { rows } = await db.query<{ xmin: string }>(
    'select pg_snapshot_xmin(pg_current_snapshot())::text as xmin',
  )
  return rows[0]?.xmin ?? '0'
}

function toEntry({ dueAt, runId, projectId, jobId, shard, version, fence, attempt }: Row): Entry {
  return { runId, projectId, jobId, shard, version, dueAtMs: dueAt.getTime(), fence, attempt }
}
