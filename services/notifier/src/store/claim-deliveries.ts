// Taking due deliveries, a batch in one statement. A claim is a lease by the clock of the database: should its holder
// die, the deliveries are taken by somebody else once it ended, and told again under the same id. The number of the
// attempt moves with the claim, so that a holder that was only slow cannot write over its successor.
//
// An origin that has its share in flight already is passed over, and of one batch none gets more than its share: a
// thousand deliveries that wait for one slow endpoint do not keep the one behind them waiting.

import { sql } from 'kysely'
import type { ClaimedDelivery } from '../domain/delivery.ts'
import type { Db } from './db.ts'

// How far to look past deliveries that may not be taken now.
const LOOK_AT = 1_000

export interface ClaimOptions {
  readonly claimId: string
  readonly leaseMs: number
  /** The most to take. */
  readonly room: number
  readonly perOrigin: number
  /** What is in flight here already, by origin. */
  readonly inFlight: ReadonlyMap<string, number>
}

export interface Claim {
  readonly deliveries: readonly ClaimedDelivery[]
  /** More was due than could be taken. */
  readonly more: boolean
}

/** Takes what is due, longest waiting first. */
export async function claimDeliveries(db: Db, options: ClaimOptions): Promise<Claim> {
  const { claimId, leaseMs, room, perOrigin, inFlight } = options
  const busy = [...inFlight]
  const full = busy.filter(([, count]) => count >= perOrigin).map(([origin]) => origin)
  const { rows } = await sql<Row>`
    with due as (
      select id, origin, next_attempt_at
      from deliveries
      where ${isDue} and origin <> all(${full}::text[])
      order by next_attempt_at
      limit ${LOOK_AT}
    ), placed as (
      select id, origin, next_attempt_at, row_number() over (partition by origin order by next_attempt_at, id) as place
      from due
    ), chosen as (
      select placed.id
      from placed
      left join unnest(
        ${busy.map(([origin]) => origin)}::text[], ${busy.map(([, count]) => count)}::int[]
      ) as b (origin, count) using (origin)
      where placed.place + coalesce(b.count, 0) <= ${perOrigin}
      order by placed.next_attempt_at, placed.id
      limit ${room}
    ), locked as materialized (
      -- What another notifier chose at the same moment is its own by now.
      select id from deliveries where id in (select id from chosen) and ${isDue} for update skip locked
    ), claimed as (
      update deliveries as d
      set
        attempt = d.attempt + 1, claimed_by = ${claimId}::uuid,
        claimed_until = clock_timestamp() + make_interval(secs => ${leaseMs} / 1000.0)
      from locked
      where d.id = locked.id
      returning d.id, d.job_id, d.run_id, d.url, d.origin, d.traceparent, d.attempt, d.body
    )
    select
      c.id, c.job_id as "jobId", c.run_id as "runId", c.url, c.origin, c.traceparent, c.attempt, c.body,
      (select count(*)::int from due) as due
    from (select) as one
    left join claimed c on true
  `.execute(db)
  const deliveries = rows.filter((row) => row.id !== null)
  return { deliveries, more: full.length > 0 || (rows[0]?.due ?? 0) > deliveries.length }
}

// A claim that found nothing has one row all the same, which says how much is due.
type Row = (ClaimedDelivery | { readonly id: null }) & { readonly due: number }

const isDue = sql`status = 'pending' and next_attempt_at <= now() and (claimed_until is null or claimed_until <= now())`
