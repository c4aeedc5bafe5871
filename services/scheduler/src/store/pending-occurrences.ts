// Occurrences that have no outcome yet: taken to be sent again, and closed.
//
// Whoever takes one moves its next time ahead in the same statement, so two schedulers do not send the same at once.
// Dying between the two sends nothing, and it is taken again after that time. A second sending is harmless, because
// the run's id was minted with the row.

import { sql } from 'kysely'
import type { DueItem, DueOutcome } from '../domain/due.ts'
import type { Db } from './db.ts'

export interface TakeOptions {
  readonly limit: number
  /** The most bytes of payloads; a first one that is larger is answered alone. */
  readonly maxBytes: number
  /** Until it may be taken again. */
  readonly resendMs: number
  /** These, whether they are due to be sent again or not. */
  readonly runIds?: readonly string[]
}

/** Takes pending occurrences whose outcome is overdue, longest waiting first. */
export async function takePending(
  db: Db,
  { limit, maxBytes, resendMs, runIds }: TakeOptions,
): Promise<readonly DueItem[]> {
  const chosen = runIds === undefined ? sql`resend_at <= now()` : sql`run_id = any(${runIds}::uuid[])`
  const { rows } = await sql<DueItem>`
    with waiting as materialized (
      select schedule_id, nominal_at, resend_at, octet_length(payload) as bytes
      from occurrences
      where outcome = 'pending' and ${chosen}
      order by resend_at
      limit ${limit}
      for update skip locked
    ), measured as (
      select schedule_id, nominal_at, row_number() over so_far as nth, sum(bytes) over so_far as bytes
      from waiting
      window so_far as (order by resend_at, schedule_id, nominal_at rows unbounded preceding)
    )
    update occurrences as o
    set resend_at = clock_timestamp() + make_interval(secs => ${resendMs} / 1000.0)
    from measured m
    where o.schedule_id = m.schedule_id and o.nominal_at = m.nominal_at and (m.nth = 1 or m.bytes <= ${maxBytes})
    returning
      o.run_id as "runId", o.project_id as "projectId", o.job_id as "jobId", o.schedule_id as "scheduleId",
      o.nominal_at as "nominalAt", o.payload
  `.execute(db)
  return rows
}

/** How many rows an update closed, by what came of them. */
export interface Closed {
  readonly fired: number
  readonly refused: number
  /** Those that met a disabled job. */
  readonly skipped: number
}

/** Closes the pending rows of these runs; the first outcome of each counts, and without a pending row none does. */
export async function closeOccurrences(db: Db, outcomes: readonly DueOutcome[]): Promise<Closed> {
  if (outcomes.length === 0) return { fired: 0, refused: 0, skipped: 0 }
  const first = [...new Map(outcomes.toReversed().map((outcome) => [outcome.runId, outcome])).values()]
  const { rows } = await sql<{ readonly outcome: string }>`
    with open as materialized (
      -- Locked in the order of their ids: the feed and the repair loop may close the same rows at once.
      select o.schedule_id, o.nominal_at, g.reason
      from unnest(
        ${first.map((outcome) => outcome.runId)}::uuid[],
        ${first.map((outcome) => outcome.refused ?? null)}::text[]
      ) as g (run_id, reason)
      join occurrences o using (run_id)
      where o.outcome = 'pending'
      order by o.run_id
      for update of o
    )
    update occurrences as o
    set
      outcome = case when open.reason is null then 'fired' when open.reason = 'JOB_DISABLED' then 'skipped' else 'refused' end,
      -- A fire that was on its way when its job was disabled is told as those that were not sent at all.
      reason = case when open.reason = 'JOB_DISABLED' then 'disabled' else open.reason end, closed_at = now(), resend_at = null, payload = null
    from open
    where o.schedule_id = open.schedule_id and o.nominal_at = open.nominal_at
    returning o.outcome
  `.execute(db)
  const count = (outcome: string) => rows.filter((row) => row.outcome === outcome).length
  return { fired: count('fired'), refused: count('refused'), skipped: count('skipped') }
}
