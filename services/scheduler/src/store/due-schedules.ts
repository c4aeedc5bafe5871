// The schedules that are due, locked for the transaction that fires them. Any number of schedulers do this at once:
// each takes what the others have not locked, and what one held when it died is free again with its connection.
//
// "Due" is decided by the clock of the database at the start of the transaction, which is handed on to the decision:
// a scheduler whose own clock is wrong fires neither early nor late.

import { sql } from 'kysely'
import type { DueSchedule } from '../domain/decide-fires.ts'
import type { Db, Trx } from './db.ts'

export interface LockedSchedule extends DueSchedule {
  readonly id: string
  readonly now: Date
}

/** Where a schedule stands after its times were decided. */
export interface Advance {
  readonly id: string
  readonly nextFireAt: Date | null
  readonly missedFrom: Date | null
}

/** Locks at most `limit` due schedules, earliest first; each tells the time by which it is due, the same for all. */
export async function lockDueSchedules(trx: Trx, limit: number): Promise<readonly LockedSchedule[]> {
  const { rows } = await sql<LockedSchedule>`
    select id, cron, timezone, enabled, next_fire_at as "nextFireAt", missed_from as "missedFrom", now() as now
    from schedules
    where next_fire_at <= now()
    order by next_fire_at
    limit ${limit}
    for update skip locked
  `.execute(trx)
  return rows
}

/** Moves schedules on, in the transaction that holds their locks. */
export async function advanceSchedules(trx: Trx, moves: readonly Advance[]): Promise<void> {
  if (moves.length === 0) return
  await sql`
    update schedules as s
    set next_fire_at = m.next_fire_at, missed_from = m.missed_from
    from unnest(
      ${moves.map((move) => move.id)}::uuid[],
      ${moves.map((move) => move.nextFireAt)}::timestamptz[],
      ${moves.map((move) => move.missedFrom)}::timestamptz[]
    ) as m (id, next_fire_at, missed_from)
    where s.id = m.id
  `.execute(trx)
}

/** Milliseconds until the earliest schedule is due; negative once it is, undefined without any. */
export async function msUntilNextFire(db: Db): Promise<number | undefined> {
  const { rows } = await sql<{ readonly ms: number | null }>`
    select (extract(epoch from min(next_fire_at) - clock_timestamp()) * 1000)::float8 as ms from schedules
  `.execute(db)
  return rows[0]?.ms ?? undefined
}
