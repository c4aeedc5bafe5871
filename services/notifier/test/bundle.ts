// What a test of the notifier needs: a database of its own, deliveries in it, notifiers that send them, and a look at
// what became of them.

import { metrics } from '@opentelemetry/api'
import { newUuidv7 } from '@strait/domain/ids'
import { developmentAllow } from '@strait/egress/address'
import { createEgress } from '@strait/egress/client'
import type { Log } from '@strait/service-kit/log'
import { createTestDatabase } from '@strait/testkit/test-database'
import { waitFor } from '@strait/testkit/wait-for'
import { sql } from 'kysely'
import type { NewDelivery } from '../src/domain/delivery.ts'
import { createEvents } from '../src/events.ts'
import { createSend, type SendOptions } from '../src/loops/send.ts'
import type { Db } from '../src/store/db.ts'
import { insertDeliveries } from '../src/store/insert-deliveries.ts'
import { openDatabase } from '../src/store/open-database.ts'

/** A delivery and its attempts as a test reads them. */
export interface DeliveryRow {
  readonly id: string
  readonly eventId: string
  readonly status: string
  readonly attempt: number
  readonly claimedBy: string | null
  readonly body: Buffer
  readonly attempts: readonly { attempt: number; httpStatus: number | null; errorClass: string | null }[]
}

/** A fresh database, and notifiers on it that are stopped with it. */
export async function setup() {
  const database = await createTestDatabase()
  const lines: string[] = []
  const log = recordingLog(lines)
  const events = createEvents({ meter: metrics.getMeter('test'), log })
  const closing: (() => Promise<void>)[] = []
  const connect = (max = 4): Db => {
    const { db, part } = openDatabase({ url: database.url, max, onError: nothing })
    closing.unshift(part.stop)
    return db
  }
  const db = connect()

  async function deliveries(): Promise<readonly DeliveryRow[]> {
    const { rows } = await sql<DeliveryRow>`
      select
        id, event_id as "eventId", status, attempt, claimed_by as "claimedBy", body,
        coalesce((
          select json_agg(
            json_build_object('attempt', a.attempt, 'httpStatus', a.http_status, 'errorClass', a.error_class)
            order by a.attempt
          )
          from delivery_attempts a
          where a.delivery_id = d.id
        ), '[]') as attempts
      from deliveries d
      order by id
    `.execute(db)
    return rows
  }

  return {
    url: database.url,
    db,
    connect,
    events,
    log,
    /** Everything that was logged. */
    lines,
    deliveries,
    insert: (rows: readonly NewDelivery[]) => db.transaction().execute((trx) => insertDeliveries(trx, rows)),
    /** A notifier that sweeps often and retries soon; not started yet. */
    notifier(more: Partial<SendOptions> = {}) {
      const send = createSend({
        db: connect(),
        egress: createEgress({ allow: developmentAllow(), userAgent: 'test' }),
        secretsOf: async (jobIds) => new Map(jobIds.map((id) => [id, []])),
        retries: { delaysMs: [50, 50], jitter: 0 },
        timeoutMs: 10_000,
        leaseMs: 20_000,
        maxInFlight: 100,
        maxInFlightPerOrigin: 10,
        sweepMs: 20,
        drainMs: 0,
        events,
        log,
        ...more,
      })
      closing.unshift(send.stop)
      return send
    },
    /** Waits until every delivery has this status. */
    untilAll: (status: string) =>
      waitFor(
        async () => {
          const rows = await deliveries()
          return rows.every((row) => row.status === status) && rows
        },
        { what: `every delivery to be ${status}` },
      ),
    async [Symbol.asyncDispose]() {
      for (const close of closing) await close()
      await database.drop()
    },
  }
}

/** A delivery to a URL. */
export function aDelivery(url: string, more: Partial<NewDelivery> = {}): NewDelivery {
  const runId = newUuidv7()
  return {
    id: newUuidv7(),
    eventId: `${runId}:run.completed`,
    eventType: 'run.completed',
    projectId: newUuidv7(),
    jobId: newUuidv7(),
    runId,
    url,
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    body: '{"type":"run.completed","data":{"result":9007199254740993}}',
    ...more,
  }
}

function recordingLog(lines: string[]): Log {
  const write = (about: object, sentence: string) => {
    const errors = Object.values(about).map((value) => (value instanceof Error ? value.stack : ''))
    lines.push(`${sentence} ${JSON.stringify(about)} ${errors.join(' ')}`)
  }
  return { debug: write, info: write, warn: write, error: write }
}

function nothing(): void {
  // A connection that is lost with its database is no fault of a test.
}
