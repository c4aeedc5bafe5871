// New deliveries, in the transaction that moves the feed's cursor: the promise to tell an event is kept exactly when
// the event counts as read. An event that is read twice meets its own row and changes nothing.

import { sql } from 'kysely'
import { type NewDelivery, originOf } from '../domain/delivery.ts'
import type { Trx } from './db.ts'

/** Stores deliveries of jobs' own webhooks, due at once; answers how many are new. */
export async function insertDeliveries(trx: Trx, deliveries: readonly NewDelivery[]): Promise<number> {
  if (deliveries.length === 0) return 0
  const { numAffectedRows } = await sql`
    insert into deliveries (
      id, event_id, event_type, project_id, job_id, run_id, url, origin, traceparent, body, next_attempt_at, created_at
    )
    select g.*, clock_timestamp(), clock_timestamp()
    from unnest(
      ${deliveries.map((each) => each.id)}::uuid[],
      ${deliveries.map((each) => each.eventId)}::text[],
      ${deliveries.map((each) => each.eventType)}::text[],
      ${deliveries.map((each) => each.projectId)}::uuid[],
      ${deliveries.map((each) => each.jobId)}::uuid[],
      ${deliveries.map((each) => each.runId)}::uuid[],
      ${deliveries.map((each) => each.url)}::text[],
      ${deliveries.map((each) => originOf(each.url))}::text[],
      ${deliveries.map((each) => each.traceparent)}::text[],
      ${deliveries.map((each) => Buffer.from(each.body))}::bytea[]
    ) as g
    -- In one order everywhere, so that two notifiers that read the same events wait for each other and no more.
    order by 2
    on conflict (event_id, subscription) do nothing
  `.execute(trx)
  return Number(numAffectedRows ?? 0n)
}
