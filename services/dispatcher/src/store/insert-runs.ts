// New runs, a batch in one durable statement: the key's row decides races, the run's row makes a second delivery harmless, the
// queue row makes it live, and the feed row tells of it. All or none. If the process dies after the commit and before the
// answer, the run exists, and the same idempotency key finds it.

import type { NewRun } from '../domain/run.ts'
import type { Db } from './db.ts'

/** What came of one insert. */
export type Inserted =
  | { readonly kind: 'created'; readonly at: Date }
  | { readonly kind: 'existed'; readonly runId: string }

const sql = `
  with given as (
    select * from unnest(
      $1::uuid[], $2::uuid[], $3::uuid[], $4::smallint[], $5::int[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
      $11::text[], $12::text[], $13::text[], $14::uuid[], $15::timestamptz[], $17::text[]
    ) as g (id, project_id, job_id, shard, version, version_id, job_slug, payload, metadata, idempotency_key,
            triggered_by, created_by, traceparent, schedule_id, nominal_at, tags)
  ), claimed as (
    -- Sorted, so that two batches with the same keys wait for each other instead of locking each other out.
    insert into dedup (job_id, key, run_id)
    select job_id, 'k:' || idempotency_key, id from given where idempotency_key is not null order by 1, 2
    on conflict do nothing
    returning run_id
  ), stored as (
    insert into runs (id, project_id, job_id, shard, triggered_version, triggered_version_id, job_slug, payload, metadata,
                      idempotency_key, triggered_by, created_by, traceparent, schedule_id, nominal_at, tags, created_at,
                      scheduled_at)
    select id, project_id, job_id, shard, version, version_id, job_slug, payload, metadata,
           idempotency_key, triggered_by, created_by, traceparent, schedule_id, nominal_at, tags, now(), now()
    from given
    where idempotency_key is null or id in (select run_id from claimed)
    -- Sorted too: an occurrence that is sent again may meet itself in another replica, in another order.
    order by id
    on conflict (id) do nothing
    returning id, project_id, job_id, shard, triggered_version, scheduled_at, 
              octet_length(payload) + octet_length(metadata) + octet_length(tags) as start_bytes
  ), queued as (
    insert into queue (run_id, project_id, job_id, shard, version, due_at, start_bytes)
    select id, project_id, job_id, shard, triggered_version, scheduled_at, start_bytes from stored
  ), told as (
    insert into feed (body) select $16::bytea where $16::bytea is not null returning xid::text, pos::text
  )
  select id, scheduled_at as at, null as xid, null as pos from stored
  union all select null, null, xid, pos from told`

const losersSql = `
  select w.job_id, d.key, d.run_id from unnest($1::uuid[], $2::text[]) as w (job_id, key) join dedup d using (job_id, key)`

/** Stores runs; answers in their order, and where the feed row stands if there is one. */
export async function insertRuns(
  db: Db,
  runs: readonly NewRun[],
  feedBody: Uint8Array | undefined,
): Promise<{ results: Inserted[]; feed: { xid: string; pos: string } | undefined }> {
  const column = <T>(pick: (run: NewRun) => T) => runs.map(pick)
  const { rows } = await db.query<{ id: string | null; at: Date; xid: string; pos: string }>({
    name: 'insert_runs',
    text: sql,
    values: [
      column((r) => r.id),
      column((r) => r.projectId),
      column((r) => r.jobId),
      column((r) => r.shard),
      column((r) => r.version),
      column((r) => r.versionId),
      column((r) => r.jobSlug),
      column((r) => r.payload),
      column((r) => JSON.stringify(r.metadata)),
      column((r) => r.idempotencyKey ?? null),
      column((r) => r.triggeredBy),
      column((r) => r.createdBy),
      column((r) => r.traceparent),
      column((r) => r.occurrence?.scheduleId ?? null),
      column((r) => r.occurrence?.nominalAt ?? null),
      feedBody === undefined ? null : Buffer.from(feedBody),
      column((r) => JSON.stringify(r.tags)),
    ],
  })
  const createdAt = new Map(rows.flatMap((row) => (row.id === null ? [] : [[row.id, row.at] as const])))
  const told = rows.find((row) => row.id === null)
  const owners = await findOwners(
    db,
    runs.filter((run) => run.idempotencyKey !== undefined && !createdAt.has(run.id)),
  )
  const results = runs.map((run): Inserted => {
    const at = createdAt.get(run.id)
    if (at !== undefined) return { kind: 'created', at }
    return { kind: 'existed', runId: owners.get(`${run.jobId} ${run.idempotencyKey}`) ?? run.id }
  })
  return { results, feed: told === undefined ? undefined : { xid: told.xid, pos: told.pos } }
}

/** Whose the keys are that others won. Their rows are committed: the insert waited for them. */
async function findOwners(db: Db, losers: readonly NewRun[]): Promise<ReadonlyMap<string, string>> {
  if (losers.length === 0) return new Map()
  const { rows } = await db.query<{ job_id: string; key: string; run_id: string }>({
    name: 'dedup_owners',
    text: losersSql,
    values: [losers.map((run) => run.jobId), losers.map((run) => `k:${run.idempotencyKey}`)],
  })
  return new Map(rows.map((row) => [`${row.job_id} ${row.key.slice(2)}`, row.run_id]))
}
