// Everything the scheduler counts and says.

import type { Meter } from '@opentelemetry/api'
import type { Log } from '@strait/service-kit/log'
import type { Closed } from './store/pending-occurrences.ts'

/** What happened, told by the code that made it happen. Nothing here throws. */
export interface Events {
  /** Fires were recorded: `late` of them make up for a missed time. */
  fired(count: number, late: number): void
  /** Nominal times were recorded as missed. */
  missed(scheduleId: string, count: number): void
  /** Nominal times were recorded as skipped, because their job is disabled. */
  skipped(count: number): void
  /** Pending rows got their outcome. */
  closed(closed: Closed): void
  /** Fires were sent. */
  sent(count: number, way: 'stream' | 'rpc'): void
  /** Fires could not be sent; the repair loop has them. */
  notSent(count: number, way: 'stream' | 'rpc', err?: unknown): void
  /** Jobs changed and their schedules with them. */
  schedulesChanged(upserted: number, deleted: number): void
  /** Schedules that will never fire; there should be none. */
  withoutNextFire(ids: readonly string[]): void
  connectionLost(err: Error): void
}

/** Makes the scheduler's instruments. */
export function createEvents({ meter, log }: { readonly meter: Meter; readonly log: Log }): Events {
  const occurrences = meter.createCounter('strait_scheduler_occurrences', {
    description:
      'Nominal times by outcome: pending when recorded, then fired, refused or skipped; or missed or skipped at once.',
  })
  const late = meter.createCounter('strait_scheduler_late_fires', {
    description: 'Fires that make up for a missed time.',
  })
  const batch = meter.createHistogram('strait_scheduler_fire_batch', {
    unit: '{item}',
    description: 'Fires recorded in one transaction.',
  })
  const sends = meter.createCounter('strait_scheduler_sends', {
    description: 'Fires sent to the dispatcher, by way and whether it worked.',
  })
  const schedules = meter.createCounter('strait_scheduler_schedule_changes', {
    description: 'Schedules stored and deleted because their jobs changed.',
  })
  const stuck = meter.createGauge('strait_scheduler_schedules_without_next_fire', {
    description: 'Schedules that will never fire. Always 0, or there is a fault.',
  })
  const failing = new Set<string>()

  return {
    fired(count, lateCount) {
      occurrences.add(count, { outcome: 'pending' })
      late.add(lateCount)
      batch.record(count)
    },
    missed(scheduleId, count) {
      occurrences.add(count, { outcome: 'missed' })
      log.warn({ schedule_id: scheduleId, count }, 'nominal times were missed, the ledger has them')
    },
    skipped(count) {
      occurrences.add(count, { outcome: 'skipped' })
    },
    closed({ fired, refused, skipped }) {
      if (fired > 0) occurrences.add(fired, { outcome: 'fired' })
      if (refused > 0) occurrences.add(refused, { outcome: 'refused' })
      if (skipped > 0) occurrences.add(skipped, { outcome: 'skipped' })
    },
    sent(count, way) {
      sends.add(count, { way, ok: true })
      if (failing.delete(way)) log.info({ way }, 'fires can be sent again')
    },
    notSent(count, way, err) {
      sends.add(count, { way, ok: false })
      // Said once per outage.
      if (!failing.has(way)) log.warn({ way, err }, 'fires could not be sent, they are sent again later')
      failing.add(way)
    },
    schedulesChanged(upserted, deleted) {
      schedules.add(upserted, { change: 'stored' })
      schedules.add(deleted, { change: 'deleted' })
    },
    withoutNextFire(ids) {
      stuck.record(ids.length)
      if (ids.length > 0) log.error({ schedule_ids: ids.slice(0, 10) }, 'schedules without a next time')
    },
    connectionLost(err) {
      log.warn({ err }, 'an idle connection to Postgres was lost')
    },
  }
}
