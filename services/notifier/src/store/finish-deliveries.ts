// The end of attempts, a batch in one statement: what came of each is noted, and the delivery is told what is next.
// Guarded by the claim: whoever lost it notes its attempt, which did happen, and decides nothing.
// Killed before this: the claim runs out, and the event is told again under the same id.

import { sql } from 'kysely'
import type { NextStep } from '../domain/after-delivery.ts'
import type { Db } from './db.ts'

/** The end of one attempt, and what follows it. */
export interface FinishedAttempt {
  readonly deliveryId: string
  readonly claimId: string
  readonly attempt: number
  readonly at: Date
  readonly durationMs: number
  readonly httpStatus: number | undefined
  readonly errorClass: string | undefined
  readonly next: NextStep
}

/** Writes a batch; answers for each whether its claim still held. */
export async function finishDeliveries(
  db: Db,
  finished: readonly FinishedAttempt[],
): Promise<readonly boolean[]> {
  const { rows } = await sql<{ readonly id: string }>`
    with given as (
      select *
      from unnest(
        ${finished.map((each) => each.deliveryId)}::uuid[],
        ${finished.map((each) => each.claimId)}::uuid[],
        ${finished.map((each) => each.attempt)}::int[],
        ${finished.map((each) => each.at)}::timestamptz[],
        ${finished.map((each) => each.durationMs)}::int[],
        ${finished.map((each) => each.httpStatus ?? null)}::smallint[],
        ${finished.map((each) => each.errorClass ?? null)}::text[],
        ${finished.map((each) => each.next.to)}::text[],
        ${finished.map((each) => (each.next.to === 'pending' ? each.next.delayMs : 0))}::float8[]
      ) as g (delivery_id, claim_id, attempt, at, duration_ms, http_status, error_class, status, delay_ms)
    ), noted as (
      insert into delivery_attempts (delivery_id, attempt, at, duration_ms, http_status, error_class)
      select delivery_id, attempt, at, duration_ms, http_status, error_class from given
      on conflict (delivery_id, attempt) do nothing
    )
    update deliveries as d
    set
      status = g.status, claimed_by = null, claimed_until = null,
      ended_at = case when g.status <> 'pending' then clock_timestamp() end,
      next_attempt_at = clock_timestamp() + make_interval(secs => g.delay_ms / 1000)
    from given g
    where d.id = g.delivery_id and d.claimed_by = g.claim_id and d.attempt = g.attempt and d.status = 'pending'
    returning d.id
  `.execute(db)
  const held = new Set(rows.map((row) => row.id))
  return finished.map((each) => held.has(each.deliveryId))
}

/** Gives claimed deliveries back that were not sent: the attempt does not count. */
export async function releaseDeliveries(
  db: Db,
  {
    claimId,
    ids,
    delayMs,
  }: { readonly claimId: string; readonly ids: readonly string[]; readonly delayMs: number },
): Promise<void> {
  await sql`
    update deliveries
    set
      attempt = attempt - 1, claimed_by = null, claimed_until = null,
      next_attempt_at = clock_timestamp() + make_interval(secs => ${delayMs} / 1000.0)
    where id = any(${ids}::uuid[]) and claimed_by = ${claimId}::uuid and status = 'pending'
  `.execute(db)
}
