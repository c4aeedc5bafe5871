// Every metric and every line of log that the dispatcher emits. Labels are few and closed; details are in the log.

import type { Meter } from '@opentelemetry/api'
import type { Log } from '@strait/service-kit/log'

export type Events = ReturnType<typeof createEvents>

/** What happens in the dispatcher, counted and told. */
export function createEvents(meter: Meter, log: Log) {
  const batch = meter.createHistogram('strait_group_commit_batch', {
    unit: '{item}',
    description: 'Rows per write, by which write: callers meet, so batches grow with load.',
  })
  const created = meter.createCounter('strait_runs_created', {
    description: 'Runs stored, by what triggered them.',
  })
  const deduplicated = meter.createCounter('strait_runs_deduplicated', {
    description: 'Triggers answered with an earlier run.',
  })
  const ended = meter.createCounter('strait_runs_ended', {
    description: 'Runs that came to their terminal status, by status.',
  })
  const attempts = meter.createCounter('strait_attempts_ended', {
    description: 'Attempts that ended, by outcome.',
  })
  const stale = meter.createCounter('strait_stale_results', {
    description: "Results of attempts that were no longer this incarnation's to write.",
  })
  const takeovers = meter.createCounter('strait_takeovers', {
    description: 'Dead incarnations whose shards were freed by this process.',
  })

  return {
    batchWritten: (write: 'insert_runs' | 'start_attempts' | 'finish_attempts', count: number) =>
      batch.record(count, { write }),
    runCreated: (triggeredBy: string) => created.add(1, { triggered_by: triggeredBy }),
    triggerDeduplicated: () => deduplicated.add(1),
    runEnded: (status: string) => ended.add(1, { status }),
    attemptEnded: (outcome: string) => attempts.add(1, { outcome }),
    resultStale(runId: string, fence: number) {
      stale.add(1)
      log.warn(
        { run_id: runId, fence },
        'a result came for an attempt that is no longer ours and was dropped',
      )
    },
    incarnationBooted: (execId: string) => log.info({ exec_id: execId }, 'incarnation booted'),
    incarnationTakenOver: (execId: string) =>
      log.warn({ exec_id: execId }, 'this incarnation was taken over: its calls are aborted'),
    shardsMoved: (gained: readonly number[], lost: readonly number[]) =>
      log.info({ gained: gained.length, lost: lost.length }, 'shards moved'),
    tookOver(execId: string) {
      takeovers.add(1)
      log.warn({ exec_id: execId }, 'a dead incarnation was taken over')
    },
    attemptsLost: (count: number) =>
      log.warn({ count }, 'attempts of a dead incarnation were recorded as lost'),
    resultNotStorable: (runId: string, err: unknown) =>
      log.error({ run_id: runId, err }, 'an answer cannot be stored: its run fails'),
    startFailed: (err: unknown, count: number) =>
      log.error({ err, count }, 'attempts could not be recorded, they are tried again'),
    runSetAside: (runId: string, err: unknown) =>
      log.error({ run_id: runId, err }, 'a run cannot be started and is set aside for a while'),
    finishDelayed: (err: unknown) =>
      log.warn({ err }, 'results cannot be written right now, they are kept and tried again'),
    loopbackAllowed: () =>
      log.warn({}, 'STRAIT_ENV=development: endpoints on loopback addresses may be called'),
  }
}
