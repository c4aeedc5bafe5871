// New rows of the ledger. What identifies an occurrence, its payload and its version are taken from the schedule's row
// inside the statement, so that a batch of two thousand does not carry its payloads through this process.
//
// A time that has a row keeps it: nothing is returned for it and nothing is sent. Rows are returned in no order.

import { sql } from 'kysely'
import type { NewFire, NewUnfired } from '../domain/ledger-rows.ts'
import type { Trx } from './db.ts'

/** A fire as it was recorded. */
export interface RecordedFire {
  readonly runId: string
  readonly projectId: string
  readonly jobId: string
  readonly scheduleId: string
  readonly nominalAt: Date
  /** Null when it is too large for a message. */
  readonly payload: string | null
}

export interface FireOptions {
  /** After so long without an outcome the fire is sent again. */
  readonly resendMs: number
  /** Larger payloads are not read back. */
  readonly maxPayloadBytes: number
}

/** Records fires as pending and answers those that are new. The schedules' rows must be there. */
export async function insertFires(
  trx: Trx,
  fires: readonly NewFire[],
  { resendMs, maxPayloadBytes }: FireOptions,
): Promise<readonly RecordedFire[]> {
  if (fires.length === 0) return []
  const { rows } = await sql<RecordedFire>`
    insert into occurrences as o (
      schedule_id, nominal_at, through_at, project_id, job_id, job_version, run_id, outcome, resend_at, payload
    )
    select
      s.id, f.nominal_at, f.nominal_at, s.project_id, s.job_id, s.job_version, f.run_id, 'pending',
      clock_timestamp() + make_interval(secs => ${resendMs} / 1000.0), s.payload
    from unnest(
      ${fires.map((fire) => fire.scheduleId)}::uuid[],
      ${fires.map((fire) => fire.nominalAt)}::timestamptz[],
      ${fires.map((fire) => fire.runId)}::uuid[]
    ) as f (schedule_id, nominal_at, run_id)
    join schedules s on s.id = f.schedule_id
    on conflict (schedule_id, nominal_at) do nothing
    returning
      o.run_id as "runId", o.project_id as "projectId", o.job_id as "jobId", o.schedule_id as "scheduleId",
      o.nominal_at as "nominalAt", case when octet_length(o.payload) <= ${maxPayloadBytes} then o.payload end as payload
  `.execute(trx)
  return rows
}

/**
 * Records missed and skipped times. A range that goes on makes its row longer; one whose row is not there (any more), or tells of a fire,
 * gets a row for what is new of it. The schedules' rows must be there.
 */
export async function insertUnfired(trx: Trx, ranges: readonly NewUnfired[]): Promise<void> {
  if (ranges.length === 0) return
  await sql`
    with given as (
      select * from unnest(
        ${ranges.map((range) => range.scheduleId)}::uuid[],
        ${ranges.map((range) => range.from)}::timestamptz[],
        ${ranges.map((range) => range.first)}::timestamptz[],
        ${ranges.map((range) => range.through)}::timestamptz[],
        ${ranges.map((range) => range.count)}::int[],
        ${ranges.map((range) => range.outcome)}::text[]
      ) as g (schedule_id, nominal_at, first_at, through_at, count, outcome)
    ), grown as (
      update occurrences as o
      set through_at = g.through_at, count = o.count + g.count
      from given g
      where o.schedule_id = g.schedule_id and o.nominal_at = g.nominal_at and o.outcome = g.outcome
        and o.through_at < g.through_at
    )
    insert into occurrences (
      schedule_id, nominal_at, through_at, count, project_id, job_id, job_version, outcome, reason, closed_at
    )
    select
      s.id, g.first_at, g.through_at, g.count, s.project_id, s.job_id, s.job_version, g.outcome,
      case g.outcome when 'skipped' then 'disabled' end, now()
    from given g
    join schedules s on s.id = g.schedule_id
    where not exists (
      select from occurrences o
      where o.schedule_id = g.schedule_id and o.nominal_at = g.nominal_at and o.outcome = g.outcome
    )
    on conflict (schedule_id, nominal_at) do nothing
  `.execute(trx)
}
