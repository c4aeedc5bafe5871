// Schedules as the catalog's jobs ask for them, and how far the catalog's changes are known.
//
// The cursor moves first, and only from where its reader found it: of two schedulers that learnt of the same changes
// the second changes no row and lets go, so a change is taken once and an older answer never overwrites a newer one.

import { sql } from 'kysely'
import type { KnownSchedule } from '../domain/change-schedule.ts'
import type { Db, Trx } from './db.ts'

/** A schedule as it shall be. */
export interface NewSchedule {
  readonly id: string
  readonly projectId: string
  readonly jobVersion: number
  readonly cron: string
  readonly timezone: string
  readonly enabled: boolean
  readonly payload: string
  readonly nextFireAt: Date | null
  readonly missedFrom: Date | null
}

/** How far the catalog's changes are known; empty before the first. */
export async function loadCatalogCursor(db: Db): Promise<string> {
  const { rows } = await sql<{ readonly since: string }>`select since from catalog_cursor`.execute(db)
  return rows[0]?.since ?? ''
}

/** Moves the cursor on unless somebody else did; tells the time of the transaction, or nothing if it was moved. */
export async function moveCatalogCursor(trx: Trx, since: string, next: string): Promise<Date | undefined> {
  const { rows } = await sql<{ readonly now: Date }>`
    update catalog_cursor set since = ${next} where since = ${since} returning now() as now
  `.execute(trx)
  return rows[0]?.now
}

/** Locks the schedules that there are among these, in the order of their ids. */
export async function lockSchedules(trx: Trx, ids: readonly string[]): Promise<readonly KnownSchedule[]> {
  const { rows } = await sql<KnownSchedule>`
    select id, cron, timezone, enabled, next_fire_at as "nextFireAt", missed_from as "missedFrom"
    from schedules
    where id = any(${ids}::uuid[])
    order by id
    for update
  `.execute(trx)
  return rows
}

/** Makes schedules be as they are given. */
export async function upsertSchedules(trx: Trx, schedules: readonly NewSchedule[]): Promise<void> {
  if (schedules.length === 0) return
  await sql`
    insert into schedules (id, project_id, job_id, job_version, cron, timezone, enabled, payload, next_fire_at, missed_from)
    select id, project_id, id, job_version, cron, timezone, enabled, payload, next_fire_at, missed_from
    from unnest(
      ${schedules.map((each) => each.id)}::uuid[],
      ${schedules.map((each) => each.projectId)}::uuid[],
      ${schedules.map((each) => each.jobVersion)}::int[],
      ${schedules.map((each) => each.cron)}::text[],
      ${schedules.map((each) => each.timezone)}::text[],
      ${schedules.map((each) => each.enabled)}::boolean[],
      ${schedules.map((each) => each.payload)}::text[],
      ${schedules.map((each) => each.nextFireAt)}::timestamptz[],
      ${schedules.map((each) => each.missedFrom)}::timestamptz[]
    ) as g (id, project_id, job_version, cron, timezone, enabled, payload, next_fire_at, missed_from)
    on conflict (id) do update set
      project_id = excluded.project_id, job_version = excluded.job_version, cron = excluded.cron,
      timezone = excluded.timezone, enabled = excluded.enabled, payload = excluded.payload, next_fire_at = excluded.next_fire_at,
      missed_from = excluded.missed_from
  `.execute(trx)
}

/** Deletes schedules; their part of the ledger stays. */
export async function deleteSchedules(trx: Trx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await sql`delete from schedules where id = any(${ids}::uuid[])`.execute(trx)
}

/** The schedules that will never fire because no next time is set, at most `limit` of them: there should be none. */
export async function findSchedulesWithoutNextFire(db: Db, limit: number): Promise<readonly string[]> {
  const { rows } = await sql<{ readonly id: string }>`
    select id from schedules where next_fire_at is null order by id limit ${limit}
  `.execute(db)
  return rows.map((row) => row.id)
}
