// A loop is a clock around runOnce. It never overlaps itself, survives a failing turn, and can be nudged to run at once.
// Invariant: after stop() resolves, no turn is under way and none will begin before the next start().
// A nudge is never lost: one that comes during a turn is followed by another turn, however late in it the nudge came. Only
// after a failed turn it waits for the clock like everybody else, so that a broken loop cannot spin.

import type { Log } from './log.ts'
import { type Part, takingTurns } from './part.ts'

/** What a loop does and how often. */
export interface LoopOptions {
  readonly name: string
  readonly intervalMs: number
  readonly runOnce: () => Promise<unknown>
  readonly log: Log
}

/** A part that runs a turn at start, then one per interval, or sooner when nudged. */
export function createLoop(options: LoopOptions): Part & { nudge(): void } {
  const { name, log } = options
  let timer: NodeJS.Timeout | undefined
  let turn: Promise<void> | undefined
  let running = false
  let nudged = false
  let failing = false

  async function runTurn(): Promise<void> {
    try {
      await options.runOnce()
      if (failing) log.info({ loop: name }, 'loop works again')
      failing = false
    } catch (err) {
      // Said once per outage: a loop that fails every second must not fill the log.
      if (!failing) log.warn({ loop: name, err }, 'loop failed, it goes on trying')
      failing = true
    }
  }

  function tick(): void {
    if (!running) return
    if (turn !== undefined) {
      nudged = true
      return
    }
    clearTimeout(timer)
    nudged = false
    turn = runTurn().then(() => {
      turn = undefined
      if (nudged && !failing) tick()
      else if (running) timer = setTimeout(tick, options.intervalMs)
    })
  }

  const part = takingTurns(name, {
    async start() {
      running = true
      tick()
    },
    async stop() {
      running = false
      clearTimeout(timer)
      await turn
    },
  })
  return { ...part, nudge: tick }
}
