// Proves that whatever shall fire has a next time, and exports it: a schedule without one would be silent for ever.

import type { Log } from '@strait/service-kit/log'
import { createLoop } from '@strait/service-kit/loop'
import type { Part } from '@strait/service-kit/part'
import type { Events } from '../events.ts'
import type { Db } from '../store/db.ts'
import { findSchedulesWithoutNextFire } from '../store/schedules.ts'

const INTERVAL_MS = 10_000
const MOST = 1_000

/** Makes the loop. */
export function createCheckSchedules(options: {
  readonly db: Db
  readonly events: Events
  readonly log: Log
}): Part & { runOnce(): Promise<void> } {
  const { db, events, log } = options
  const runOnce = async () => events.withoutNextFire(await findSchedulesWithoutNextFire(db, MOST))
  const loop = createLoop({ name: 'check-schedules', intervalMs: INTERVAL_MS, runOnce, log })
  return { name: loop.name, start: loop.start, stop: loop.stop, runOnce }
}
