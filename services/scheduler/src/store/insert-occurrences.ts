// New rows of the ledger. What identifies an occurrence, its payload and its version are taken from the schedule's row
// inside the statement, so that a batch of two thousand does not carry its payloads through this process.
//
// A time that has a row keeps it: nothing is returned for it and nothing is sent. Rows are returned in no order.

import { sql } from 'kysely'
import type { NewFire, NewMissed } from '../domain/ledger-rows.ts'
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

/** Records missed times, one row for each range. The schedules' rows must be there. */
export async function insertMissed(trx: Trx, ranges: readonly NewMissed[]): Promise<void> {
  if (ranges.length === 0) return
  await sql`
    insert into occurrences as o (
      schedule_id, nominal_at, through_at, count, project_id, job_id, job_version, outcome, closed_at
    )
    select s.id, m.nominal_at, m.through_at, m.count, s.project_id, s.job_id, s.job_version, 'missed', now()
    from unnest(
      ${ranges.map((range) => range.scheduleId)}::uuid[],
      ${ranges.map((range) => range.from)}::timestamptz[],
      ${ranges.map((range) => range.through)}::timestamptz[],
      ${ranges.map((range) => range.count)}::int[]
    ) as m (schedule_id, nominal_at, through_at, count)
    join schedules s on s.id = m.schedule_id
    on conflict (schedule_id, nominal_at) do update
    set through_at = excluded.through_at, count = o.count + excluded.count
    where o.outcome = 'missed' and o.through_at < excluded.through_at
  `.execute(trx)
}
