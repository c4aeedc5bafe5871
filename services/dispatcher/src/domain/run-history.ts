// A run's life as steps, derived from what is recorded. Reading it later gives the same steps with more at the end: each step depends
// only on rows that never change again, so `seq` is a place to resume from.

import { isTerminal, type RunStatus } from '@strait/domain/run-state'
import type { AttemptRecord, RunRecord } from './run.ts'

/** One step of a run's life. */
export interface RunStep {
  readonly seq: number
  readonly status: RunStatus
  readonly attempt: number
  readonly at: Date
  readonly detail: AttemptRecord | undefined
  readonly nextAttemptAt: Date | undefined
}

/** Tells a run's life from its record and its attempts in the order of their fences. */
export function runHistory(run: RunRecord, attempts: readonly AttemptRecord[]): RunStep[] {
  const steps: Omit<RunStep, 'seq'>[] = [
    {
      status: run.scheduledAt > run.createdAt ? 'delayed' : 'queued',
      attempt: 0,
      at: run.createdAt,
      detail: undefined,
      nextAttemptAt: undefined,
    },
  ]
  for (const [i, attempt] of attempts.entries()) {
    const begun: AttemptRecord = {
      ...attempt,
      outcome: 'in_flight',
      finishedAt: undefined,
      nextAttemptAt: undefined,
      error: undefined,
      httpStatus: undefined,
    }
    steps.push({
      status: 'executing',
      attempt: attempt.attempt,
      at: attempt.startedAt,
      detail: begun,
      nextAttemptAt: undefined,
    })
    if (attempt.finishedAt === undefined) continue
    // An attempt after which the run waited for another is not its end: what waited may have been canceled.
    const final =
      i === attempts.length - 1 && run.finishedAt !== undefined && attempt.nextAttemptAt === undefined
    const waits = attempt.nextAttemptAt !== undefined && attempt.nextAttemptAt > attempt.finishedAt
    steps.push({
      status: final ? run.status : waits ? 'delayed' : 'queued',
      attempt: attempt.outcome === 'unsent' ? attempt.attempt - 1 : attempt.attempt,
      at: attempt.finishedAt,
      detail: attempt,
      nextAttemptAt: final ? undefined : attempt.nextAttemptAt,
    })
  }
  if (run.finishedAt !== undefined && !isTerminal(steps.at(-1)?.status ?? 'queued')) {
    // Ended while it waited.
    steps.push({
      status: run.status,
      attempt: run.attempt,
      at: run.finishedAt,
      detail: undefined,
      nextAttemptAt: undefined,
    })
  }
  return steps.map((step, i) => ({ seq: i + 1, ...step }))
}
