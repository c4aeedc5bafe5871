// Sends again, over RPC, every fire whose outcome did not come: the message was lost, NATS is away, or whoever recorded
// the fire died before sending it. The answer closes the row; a refusal is final, so nothing is sent for ever.
//
// Killed between taking and sending: the rows are due to be sent again after the same time. Killed between the answer
// and closing the row: it is sent once more, and the run id minted with the row makes that harmless.

import type { Log } from '@strait/service-kit/log'
import { createLoop } from '@strait/service-kit/loop'
import type { Part } from '@strait/service-kit/part'
import type { DueItem, DueOutcome } from '../domain/due.ts'
import type { Events } from '../events.ts'
import type { Db } from '../store/db.ts'
import { closeOccurrences, takePending } from '../store/pending-occurrences.ts'

// What one call takes: 500 items and 8 MiB, of which the ids get the last one.
const MOST_ITEMS = 500
const MOST_PAYLOAD_BYTES = 7 * 2 ** 20
const LONGEST_SLEEP_MS = 1_000

export interface RepairOptions {
  readonly db: Db
  /** Asks a dispatcher for runs; answers what came of each. */
  readonly createRuns: (items: readonly DueItem[]) => Promise<readonly DueOutcome[]>
  readonly resendMs: number
  readonly events: Events
  readonly log: Log
}

export interface Repair extends Part {
  /** Sends one batch of overdue fires; answers how many got their outcome. */
  runOnce(): Promise<number>
  /** Sends these, overdue or not; never rejects, because those that fail are overdue later. */
  sendOverRpc(runIds: readonly string[]): Promise<void>
}

/** Makes the loop. */
export function createRepair({ db, createRuns, resendMs, events, log }: RepairOptions): Repair {
  const bounds = { limit: MOST_ITEMS, maxBytes: MOST_PAYLOAD_BYTES, resendMs }

  async function deliver(items: readonly DueItem[]): Promise<boolean> {
    try {
      const outcomes = await createRuns(items)
      events.sent(items.length, 'rpc')
      events.closed(await closeOccurrences(db, outcomes))
      return true
    } catch (err) {
      events.notSent(items.length, 'rpc', err)
      return false
    }
  }

  async function runOnce(): Promise<number> {
    const items = await takePending(db, bounds)
    const done = items.length > 0 && (await deliver(items))
    return done ? items.length : 0
  }

  async function sendOverRpc(runIds: readonly string[]): Promise<void> {
    const left = new Set(runIds)
    try {
      while (left.size > 0) {
        const items = await takePending(db, { ...bounds, runIds: [...left] })
        for (const item of items) left.delete(item.runId)
        // Without a row the rest is closed already, or locked by whoever sends it.
        if (items.length === 0 || !(await deliver(items))) return
      }
    } catch (err) {
      events.notSent(left.size, 'rpc', err)
    }
  }

  async function turn() {
    if ((await runOnce()) > 0) loop.nudge()
  }

  const intervalMs = Math.min(LONGEST_SLEEP_MS, Math.ceil(resendMs / 3))
  const loop = createLoop({ name: 'repair', intervalMs, runOnce: turn, log })
  return { name: loop.name, start: loop.start, stop: loop.stop, runOnce, sendOverRpc }
}
