// The durable start of attempts: what is sent has been recorded before. One statement per batch, fenced three times:
//   my own row, locked FOR KEY SHARE, says that this incarnation lives and still owns what it owned (generation);
//   a take-over locks that row FOR UPDATE, so it waits for a start under way and then sees it, and a start that waits for a take-over
//   re-reads the row and starts nothing;
//   each run's fence says that nothing happened to it since it was offered.
// Asking again after an unknown commit is safe: what this incarnation has started at the wanted fence is answered once more. Only then: an
// entry may be offered again by a sweep that read its row just before the start, and must not be sent a second time. What is answered that
// way is answered while nobody took over, also under a lapsed lease: it is mine to give back.
// The answer brings payloads, metadata and tags, so no more are started than fit into one: the first in order, and one at least.

import type { EndingRun } from '../domain/run.ts'
import type { Db } from './db.ts'

/** Which incarnation asks. */
export interface Incarnation {
  readonly execId: string
  readonly generation: number
}

/** A run that may start, and what its version says about the call. */
export interface Start {
  readonly runId: string
  readonly fence: number
  readonly timeoutMs: number
  readonly version: number
  readonly versionId: string
  readonly endpointUrl: string
}

/** A statement starts no further run once what those before it bring is so many bytes. */
export const maxStartBytes = 8 * 1024 * 1024

/** A recorded start with everything that the call and its end need. */
export interface Started extends EndingRun {
  readonly losses: number
  readonly endpointUrl: string
  readonly startedAt: Date
  readonly payload: string
}

const sql = `
  with me as materialized (
    select generation = $2 and lease_until > clock_timestamp() as may_start from dispatchers
    where exec_id = $1 and lease_until > '-infinity'
    for key share
  ), wanted as (
    select * from unnest($3::uuid[], $4::int[], $5::int[], $6::int[], $7::text[], $8::text[]) with ordinality
      as w (run_id, fence, timeout_ms, version, version_id, endpoint_url, nth)
    where exists (select from me)
  ), picked as (
    select w.*, q.start_bytes
    from wanted w join queue q on q.run_id = w.run_id
    where (select may_start from me) and q.status = 'ready' and q.fence = w.fence
    for update of q skip locked
  ), sized as (
    select *, coalesce(sum(start_bytes) over (order by nth rows between unbounded preceding and 1 preceding), 0) as bytes_before
    from picked
  ), started as (
    update queue q set
      status = 'executing', exec_id = $1, attempt = q.attempt + 1, fence = q.fence + 2,
      started_at = clock_timestamp(), first_started_at = coalesce(q.first_started_at, clock_timestamp()),
      deadline = clock_timestamp() + make_interval(secs => 1 + p.timeout_ms / 1000.0),
      resolved_version = coalesce(q.resolved_version, p.version),
      resolved_version_id = coalesce(q.resolved_version_id, p.version_id),
      endpoint_url = p.endpoint_url
    from sized p
    where q.run_id = p.run_id and p.bytes_before < $10
    returning q.run_id, q.attempt, q.losses, q.fence, q.started_at, q.endpoint_url
  ), all_mine as (
    select * from started
    union all
    select q.run_id, q.attempt, q.losses, q.fence, q.started_at, q.endpoint_url
    from wanted w join queue q on q.run_id = w.run_id
    where $9::boolean and q.status = 'executing' and q.exec_id = $1 and q.fence = w.fence + 2
  )
  select m.run_id as "runId", r.project_id as "projectId", r.job_id as "jobId", r.job_slug as "jobSlug", r.shard,
         r.triggered_version as version, m.attempt, m.losses, m.fence, m.endpoint_url as "endpointUrl", m.started_at as "startedAt",
         r.payload, r.metadata, r.tags, r.triggered_by as "triggeredBy", r.triggered_version_id as "versionId", r.created_at as "createdAt",
         r.traceparent
  from all_mine m join runs r on r.id = m.run_id`

/**
 * Records starts; answers those that are this incarnation's to send. The others did not fit, or are somebody else's, or gone. `again`: the fate of an earlier
 * call with these starts is not known.
 */
export async function startAttempts(
  db: Db,
  me: Incarnation,
  starts: readonly Start[],
  again = false,
): Promise<Started[]> {
  const { rows } = await db.query<Started>({
    name: 'start_attempts',
    text: sql,
    values: [
      me.execId,
      me.generation,
      starts.map((s) => s.runId),
      starts.map((s) => s.fence),
      starts.map((s) => s.timeoutMs),
      starts.map((s) => s.version),
      starts.map((s) => s.versionId),
      starts.map((s) => s.endpointUrl),
      again,
      maxStartBytes,
    ],
  })
  return rows
}

const openSql = `
  select q.run_id as "runId", q.status = 'executing' as recorded
  from unnest($2::uuid[], $3::int[]) as w (run_id, fence) join queue q on q.run_id = w.run_id
  where (q.status = 'ready' and q.fence = w.fence) or (q.status = 'executing' and q.exec_id = $1 and q.fence = w.fence + 2)`

/**
 * What became of starts that were not answered: those that still wait at the wanted fence (the lease had lapsed for a moment, or a statement
 * whose connection broke held the row), and those that such a statement recorded after all. The others are somebody else's, or gone.
 */
export async function findOpenStarts(
  db: Db,
  me: Incarnation,
  starts: readonly Start[],
): Promise<ReadonlyMap<string, 'waiting' | 'recorded'>> {
  const { rows } = await db.query<{ runId: string; recorded: boolean }>({
    name: 'open_starts',
    text: openSql,
    values: [me.execId, starts.map((s) => s.runId), starts.map((s) => s.fence)],
  })
  return new Map(rows.map((row) => [row.runId, row.recorded ? 'recorded' : 'waiting']))
}
