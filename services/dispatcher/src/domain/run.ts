// A run as it is recorded, whole: what was asked for, where it stands, and how it ended.

import type { RunStatus } from '@strait/domain/run-state'
import type { AttemptError } from './after-attempt.ts'

/** A run that is about to be stored. */
export interface NewRun {
  readonly id: string
  readonly projectId: string
  readonly jobId: string
  readonly jobSlug: string
  readonly shard: number
  readonly version: number
  readonly versionId: string
  /** JSON text, byte for byte. */
  readonly payload: string
  readonly metadata: Readonly<Record<string, string>>
  readonly tags: Readonly<Record<string, string>>
  readonly idempotencyKey: string | undefined
  readonly triggeredBy: 'manual' | 'cron'
  readonly createdBy: string
  readonly occurrence: { readonly scheduleId: string; readonly nominalAt: Date } | undefined
  readonly traceparent: string
}

/** A run at the end of an attempt, or that ends without one, as its row tells: what is written of it and told. */
export interface EndingRun
  extends Pick<
    NewRun,
    'projectId' | 'jobId' | 'jobSlug' | 'shard' | 'version' | 'versionId' | 'traceparent'
  > {
  readonly runId: string
  readonly attempt: number
  readonly fence: number
  /** JSON text, as tags are. */
  readonly metadata: string
  readonly tags: string
  readonly triggeredBy: string
  readonly createdAt: Date
}

/** What metadata or tags weigh in a batch, in characters; up to 50 entries can weigh more than a payload. */
export function entriesLength(entries: Readonly<Record<string, string>>): number {
  let length = 0
  for (const key of Object.keys(entries)) length += key.length + (entries[key]?.length ?? 0)
  return length
}

/** A stored run. */
export interface RunRecord extends NewRun {
  readonly status: RunStatus
  readonly attempt: number
  readonly resolved: { readonly version: number; readonly versionId: string } | undefined
  readonly result: string | undefined
  readonly error: AttemptError | undefined
  readonly createdAt: Date
  readonly scheduledAt: Date
  readonly startedAt: Date | undefined
  readonly finishedAt: Date | undefined
  readonly nextAttemptAt: Date | undefined
}

export type AttemptOutcome =
  | 'in_flight'
  | 'succeeded'
  | 'retryable'
  | 'failed'
  | 'timed_out'
  | 'lost'
  | 'unsent'
  | 'canceled'

/** One recorded call of a run. */
export interface AttemptRecord {
  readonly attempt: number
  readonly fence: number
  readonly outcome: AttemptOutcome
  readonly endpointUrl: string
  readonly startedAt: Date
  readonly finishedAt: Date | undefined
  readonly nextAttemptAt: Date | undefined
  readonly error: AttemptError | undefined
  readonly httpStatus: number | undefined
}
