// Fires what is due. All schedulers run this loop at once, none leads: each locks due schedules that no other has
// locked, records their times in the ledger and moves the schedules on, in one transaction; only then are the fires
// sent. The loop sleeps until the earliest next time, at most a second, and asks again.
//
// Invariant: `next_fire_at` moves only together with the ledger rows of the times it passes.
// Killed before the commit: nothing happened, and another scheduler finds the schedules due. Killed after the commit and
// before the sending: the rows are pending, and the repair loop of any scheduler sends them with the same run ids.

import { newUuidv7 } from '@strait/domain/ids'
import type { Log } from '@strait/service-kit/log'
import { createLoop } from '@strait/service-kit/loop'
import type { Part } from '@strait/service-kit/part'
import { decideFires } from '../domain/decide-fires.ts'
import { type Decided, ledgerRows } from '../domain/ledger-rows.ts'
import type { Events } from '../events.ts'
import type { Db, Trx } from '../store/db.ts'
import {
  advanceSchedules,
  type LockedSchedule,
  lockDueSchedules,
  msUntilNextFire,
} from '../store/due-schedules.ts'
import { insertFires, insertUnfired, type RecordedFire } from '../store/insert-occurrences.ts'

// A nominal time costs 4 to 24 µs to compute: a turn after a long sleep must not hold the process, nor its locks.
const MOST_TIMES = 20_000
const MOST_TIMES_OF_ONE = 1_000
const LONGEST_SLEEP_MS = 1_000
// What is due and not ours is locked by somebody who is at it.
const SHORTEST_SLEEP_MS = 25

export interface FireOptions {
  readonly db: Db
  readonly send: (fires: readonly RecordedFire[]) => Promise<void>
  readonly resendMs: number
  readonly maxPayloadBytes: number
  /** The most schedules of one transaction. */
  readonly batchSize: number
  readonly events: Events
  readonly log: Log
}

export interface FireLoop extends Part {
  /** Fires one batch; answers whether more is due already. */
  runOnce(): Promise<{ readonly fired: number; readonly more: boolean }>
  /** A schedule may be due sooner than was known. */
  nudge(): void
}

/** Makes the loop. */
export function createFire(options: FireOptions): FireLoop {
  const { db, send, resendMs, maxPayloadBytes, batchSize, events, log } = options
  let wake: NodeJS.Timeout | undefined
  let stopped = false

  async function runOnce() {
    const { decided, recorded, more } = await db.transaction().execute(fireDue)
    if (recorded.length > 0) {
      events.fired(recorded.length, decided.filter(({ decision }) => decision.makesUp).length)
    }
    for (const { id, decision } of decided) {
      if (decision.unfired?.outcome === 'missed') events.missed(id, decision.unfired.count)
      if (decision.unfired?.outcome === 'skipped') events.skipped(decision.unfired.count)
    }
    await send(recorded)
    return { fired: recorded.length, more }
  }

  async function fireDue(trx: Trx) {
    const due = await lockDueSchedules(trx, batchSize)
    const decided = decideAll(due)
    const rows = ledgerRows(decided, newUuidv7)
    const recorded = await insertFires(trx, rows.fires, { resendMs, maxPayloadBytes })
    await insertUnfired(trx, rows.unfired)
    await advanceSchedules(
      trx,
      decided.map(({ id, decision }) => ({ id, ...decision })),
    )
    const now = due[0]?.now
    const more =
      due.length === batchSize ||
      decided.length < due.length ||
      decided.some(
        ({ decision: { nextFireAt } }) => now !== undefined && nextFireAt !== null && nextFireAt <= now,
      )
    return { decided, recorded, more }
  }

  async function turn() {
    const { more } = await runOnce()
    if (more) return loop.nudge()
    const ms = await msUntilNextFire(db)
    clearTimeout(wake)
    if (stopped || ms === undefined || ms >= LONGEST_SLEEP_MS) return
    wake = setTimeout(loop.nudge, Math.max(SHORTEST_SLEEP_MS, Math.ceil(ms) + 1))
  }

  const loop = createLoop({ name: 'fire', intervalMs: LONGEST_SLEEP_MS, runOnce: turn, log })
  return {
    name: loop.name,
    runOnce,
    nudge: loop.nudge,
    start() {
      stopped = false
      return loop.start()
    },
    async stop() {
      stopped = true
      clearTimeout(wake)
      await loop.stop()
    },
  }
}

// Schedules that the turn has no time left for stay due.
function decideAll(due: readonly LockedSchedule[]): readonly Decided[] {
  const decided: Decided[] = []
  let left = MOST_TIMES
  for (const schedule of due) {
    if (left <= 0) break
    const { id, now } = schedule
    const decision = decideFires(schedule, { now, until: now, most: Math.min(left, MOST_TIMES_OF_ONE) })
    left -= decision.steps
    decided.push({ id, decision })
  }
  return decided
}
