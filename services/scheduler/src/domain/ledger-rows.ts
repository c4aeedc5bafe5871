// Decisions as rows of the ledger. Pure: where run ids come from is an argument.

import type { FireDecision, UnfiredRange } from './decide-fires.ts'

/** A nominal time that becomes a run, with the id minted for it. */
export interface NewFire {
  readonly scheduleId: string
  readonly nominalAt: Date
  readonly runId: string
}

/** Consecutive missed or skipped times of one schedule; a range that begins where a recorded one began makes that one longer. */
export interface NewUnfired extends UnfiredRange {
  readonly scheduleId: string
}

/** A schedule's id and what was decided about its times. */
export interface Decided {
  readonly id: string
  readonly decision: FireDecision
}

/** The rows that a batch of decisions asks for. */
export function ledgerRows(
  batch: readonly Decided[],
  newRunId: () => string,
): { readonly fires: readonly NewFire[]; readonly unfired: readonly NewUnfired[] } {
  return {
    fires: batch.flatMap(({ id, decision }) =>
      decision.fires.map((nominalAt) => ({ scheduleId: id, nominalAt, runId: newRunId() })),
    ),
    unfired: batch.flatMap(({ id, decision }) =>
      decision.unfired === undefined ? [] : [{ scheduleId: id, ...decision.unfired }],
    ),
  }
}
