// What a test of the scheduler needs: a database of its own, schedules in it, and a look at the ledger.

import { metrics } from '@opentelemetry/api'
import { newUuidv7 } from '@strait/domain/ids'
import type { Log } from '@strait/service-kit/log'
import { createTestDatabase } from '@strait/testkit/test-database'
import { sql } from 'kysely'
import { createEvents } from '../src/events.ts'
import type { Db } from '../src/store/db.ts'
import { openDatabase } from '../src/store/open-database.ts'
import { type NewSchedule, upsertSchedules } from '../src/store/schedules.ts'

/** A row of the ledger as a test reads it. */
export interface LedgerRow {
  readonly scheduleId: string
  readonly nominalAt: Date
  readonly throughAt: Date
  readonly count: number
  readonly outcome: string
  readonly reason: string | null
  readonly runId: string | null
  readonly payload: string | null
  readonly createdAt: Date
}

export const silentLog: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing }

/** Instruments that go nowhere and a log that says nothing. */
export const silentEvents = createEvents({ meter: metrics.getMeter('test'), log: silentLog })

/** A fresh database with the scheduler's connections to it. */
export async function setup() {
  const database = await createTestDatabase()
  const opened: { db: Db; close: () => Promise<void> }[] = []
  const connect = (max = 4) => {
    const { db, part } = openDatabase({ url: database.url, max, onError: nothing })
    opened.push({ db, close: part.stop })
    return db
  }
  const db = connect()
  return {
    url: database.url,
    db,
    /** Connections of their own, as another scheduler has them. */
    connect,
    insertSchedules: (schedules: readonly NewSchedule[]) =>
      db.transaction().execute((trx) => upsertSchedules(trx, schedules)),
    async ledger(): Promise<readonly LedgerRow[]> {
      const { rows } = await sql<LedgerRow>`
        select
          schedule_id as "scheduleId", nominal_at as "nominalAt", through_at as "throughAt", count, outcome, reason,
          run_id as "runId", payload, created_at as "createdAt"
        from occurrences
        order by nominal_at, schedule_id
      `.execute(db)
      return rows
    },
    async schedules(): Promise<readonly { id: string; nextFireAt: Date | null; jobVersion: number }[]> {
      const { rows } = await sql<{ id: string; nextFireAt: Date | null; jobVersion: number }>`
        select id, next_fire_at as "nextFireAt", job_version as "jobVersion" from schedules order by id
      `.execute(db)
      return rows
    },
    async [Symbol.asyncDispose]() {
      for (const { close } of opened) await close()
      await database.drop()
    },
  }
}

export type Bundle = Awaited<ReturnType<typeof setup>>

/** A schedule that has been due for a second and then not before the next new year, unless said otherwise. */
export function aSchedule(more: Partial<NewSchedule> = {}): NewSchedule {
  return {
    id: newUuidv7(),
    projectId: newUuidv7(),
    jobVersion: 1,
    cron: yearly,
    timezone: 'UTC',
    enabled: true,
    payload: '{"from":"cron"}',
    nextFireAt: new Date(Date.now() - 1_000),
    missedFrom: null,
    ...more,
  }
}

export const yearly = '0 0 1 1 *'

/** When a yearly schedule fires next. */
export function newYear(): Date {
  return new Date(Date.UTC(new Date().getUTCFullYear() + 1, 0, 1))
}

/** The start of the minute that lies so many minutes back. */
export function minutesAgo(minutes: number): Date {
  return new Date(Math.floor(Date.now() / 60_000 - minutes) * 60_000)
}

function nothing(): void {
  // Tests look at facts, not at what was said of them.
}
