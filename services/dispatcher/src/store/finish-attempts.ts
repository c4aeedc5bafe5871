// The durable end of attempts, a batch in one statement: attempt row, outcome or re-armed queue row, and one feed row for all of it. And the end
// of runs that wait and are canceled: the same without an attempt, for the owner of their shard, and only while they wait still.
// An attempt is finished by the incarnation that sent it, or, when that one is dead, by the owner of the run's shard; the guard is
// (holder, fence, the writer's own row says it was not taken over), never who owns the shard now.
// All or none: the feed row tells of every run in the batch, so if any is not held as expected nothing is written, and the
// answer says which are; the caller comes again with those. Asking again after an unknown commit finds nothing held: it was written.

import type { Db } from './db.ts'

/** The end of one attempt as it is written. */
export interface Finish {
  readonly runId: string
  readonly fence: number
  /** The incarnation that holds the attempt; undefined with `cancel`. */
  readonly holder: string | undefined
  /** `cancel` ends a run that waits. */
  readonly to: 'end' | 'retry' | 'given_back' | 'cancel'
  /** How the attempt is recorded; undefined with `cancel`. */
  readonly outcome: string | undefined
  /** Terminal status; set with `end` and `cancel`. */
  readonly status: string | undefined
  readonly result: string | undefined
  readonly errorClass: string | undefined
  readonly errorMessage: string | undefined
  readonly httpStatus: number | undefined
  readonly finishedAt: Date
  /** Set with `retry` and `given_back`. */
  readonly dueAt: Date | undefined
}

/** Who writes. With a generation, only while the writer still owns what it owned at that generation. */
export interface Writer {
  readonly execId: string
  readonly generation: number | undefined
}

/** What was written. */
export interface Finished {
  /** Whether the batch was written. */
  readonly written: boolean
  /** Runs that were held as expected: all of them when written. */
  readonly held: ReadonlySet<string>
  readonly feed: { readonly xid: string; readonly pos: string } | undefined
}

const sql = `
  with me as materialized (
    select 1 from dispatchers
    where exec_id = $1 and lease_until > '-infinity' and ($2::int is null or generation = $2)
    for key share
  ), given as (
    select * from unnest($3::uuid[], $4::int[], $5::uuid[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
                         $12::smallint[], $13::timestamptz[], $14::timestamptz[])
      as g (run_id, fence, holder, goes, outcome, status, result, error_class, error_message, http_status, finished_at, due_at)
    where exists (select from me)
  ), held as materialized (
    select g.*, q.attempt, q.started_at, q.first_started_at, q.resolved_version, q.resolved_version_id, q.endpoint_url
    from given g join queue q on q.run_id = g.run_id
    where q.fence = g.fence
      and case when g.goes = 'cancel' then q.status = 'ready' else q.status = 'executing' and q.exec_id = g.holder end
    for update of q
  ), whole as materialized (
    select count(*) = cardinality($3::uuid[]) as ok from held
  ), logged as (
    insert into attempts (run_id, fence, exec_id, started_at, finished_at, next_attempt_at, attempt, http_status, outcome,
                          endpoint_url, error_class, error_message)
    select run_id, fence, holder, started_at, finished_at, due_at, attempt, http_status, outcome, endpoint_url, error_class, error_message
    from held where goes <> 'cancel' and (select ok from whole)
  ), ended as (
    insert into outcomes (run_id, status, attempt, result, error_class, error_message, error_http_status,
                          resolved_version, resolved_version_id, started_at, finished_at)
    select run_id, status, attempt, result, error_class, error_message, case when error_class is not null then http_status end,
           resolved_version, resolved_version_id, first_started_at, finished_at
    from held where goes in ('end', 'cancel') and (select ok from whole)
  ), left_queue as (
    delete from queue q using held h where q.run_id = h.run_id and h.goes in ('end', 'cancel') and (select ok from whole)
  ), rearmed as (
    update queue q set
      status = 'ready', exec_id = null, deadline = null, started_at = null, armed = pg_current_xact_id(), due_at = h.due_at,
      attempt = case when h.goes = 'given_back' then q.attempt - 1 else q.attempt end,
      losses = case when h.outcome = 'lost' then q.losses + 1 else q.losses end,
      error_class = h.error_class, error_message = h.error_message, error_http_status = h.http_status
    from held h
    where q.run_id = h.run_id and h.goes in ('retry', 'given_back') and (select ok from whole)
  ), told as (
    insert into feed (body) select $15::bytea where $15::bytea is not null and (select ok from whole) returning xid::text, pos::text
  )
  select h.run_id, (select ok from whole) as ok, (select xid from told) as xid, (select pos from told) as pos from held h`

/** Writes the ends of attempts, all or none. */
export async function finishAttempts(
  db: Db,
  writer: Writer,
  finishes: readonly Finish[],
  feedBody: Uint8Array | undefined,
): Promise<Finished> {
  const column = <T>(pick: (finish: Finish) => T) => finishes.map(pick)
  const { rows } = await db.query<{ run_id: string; ok: boolean; xid: string | null; pos: string | null }>({
    name: 'finish_attempts',
    text: sql,
    values: [
      writer.execId,
      writer.generation ?? null,
      column((f) => f.runId),
      column((f) => f.fence),
      column((f) => f.holder ?? null),
      column((f) => f.to),
      column((f) => f.outcome ?? null),
      column((f) => f.status ?? null),
      column((f) => f.result ?? null),
      column((f) => f.errorClass ?? null),
      column((f) => f.errorMessage ?? null),
      column((f) => f.httpStatus ?? null),
      column((f) => f.finishedAt),
      column((f) => f.dueAt ?? null),
      feedBody === undefined ? null : Buffer.from(feedBody),
    ],
  })
  const first = rows[0]
  return {
    written: first?.ok ?? false,
    held: new Set(rows.map((row) => row.run_id)),
    feed: first?.xid && first.pos ? { xid: first.xid, pos: first.pos } : undefined,
  }
}
