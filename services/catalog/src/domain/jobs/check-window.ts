// The window in which attempts may start. One that never opens would hold every run for ever, so it is refused.

import { nextOpening, parseWindow } from '@strait/domain/window'
import { sayCronProblems } from '../cron-problems.ts'
import type { Say } from './job-input.ts'

/** Checks a window as it is read in a zone from now on. */
export function checkWindow(expression: string, timezone: string, now: Date, say: Say): void {
  const parsed = parseWindow(expression)
  if (!parsed.ok) sayCronProblems('execution_window_cron', parsed.problems, say)
  else if (nextOpening(parsed.window, timezone, now) === null) {
    say('execution_window_cron', 'does not open within five years')
  }
}
