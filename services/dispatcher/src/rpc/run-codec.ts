// Records to messages.

import type { MessageInitShape } from '@bufbuild/protobuf'
import { timestampFromDate } from '@bufbuild/protobuf/wkt'
import {
  AttemptOutcome,
  type AttemptSchema,
  type RunEventSchema,
  type RunSchema,
  RunStatus,
  TriggeredBy,
} from '@strait/contracts/dispatcher/v1/run_pb'
import type { RunStatus as Status } from '@strait/domain/run-state'
import type { AttemptError } from '../domain/after-attempt.ts'
import type { AttemptRecord, AttemptOutcome as Outcome, RunRecord } from '../domain/run.ts'
import type { RunStep } from '../domain/run-history.ts'
import { traceIdOf } from '../domain/traceparent.ts'

const statuses: Readonly<Record<Status, RunStatus>> = {
  delayed: RunStatus.DELAYED,
  queued: RunStatus.QUEUED,
  executing: RunStatus.EXECUTING,
  waiting: RunStatus.WAITING,
  completed: RunStatus.COMPLETED,
  failed: RunStatus.FAILED,
  timed_out: RunStatus.TIMED_OUT,
  crashed: RunStatus.CRASHED,
  canceled: RunStatus.CANCELED,
  expired: RunStatus.EXPIRED,
}

const outcomes: Readonly<Record<Outcome, AttemptOutcome>> = {
  in_flight: AttemptOutcome.IN_FLIGHT,
  succeeded: AttemptOutcome.SUCCEEDED,
  retryable: AttemptOutcome.RETRYABLE,
  failed: AttemptOutcome.FAILED,
  timed_out: AttemptOutcome.TIMED_OUT,
  lost: AttemptOutcome.LOST,
  unsent: AttemptOutcome.UNSENT,
  canceled: AttemptOutcome.CANCELED,
}

/** A run as its message. */
export function toRunMessage(run: RunRecord): MessageInitShape<typeof RunSchema> {
  return {
    id: run.id,
    projectId: run.projectId,
    jobId: run.jobId,
    jobSlug: run.jobSlug,
    triggeredVersion: run.version,
    triggeredVersionId: run.versionId,
    resolvedVersion: run.resolved?.version,
    resolvedVersionId: run.resolved?.versionId,
    status: statuses[run.status],
    attempt: run.attempt,
    payload: run.payload,
    result: run.result,
    error: toError(run.error),
    metadata: { ...run.metadata },
    tags: { ...run.tags },
    idempotencyKey: run.idempotencyKey,
    triggeredBy: run.triggeredBy === 'cron' ? TriggeredBy.CRON : TriggeredBy.MANUAL,
    createdBy: run.createdBy,
    scheduledAt: timestampFromDate(run.scheduledAt),
    createdAt: timestampFromDate(run.createdAt),
    startedAt: toTime(run.startedAt),
    finishedAt: toTime(run.finishedAt),
    nextAttemptAt: toTime(run.nextAttemptAt),
    occurrence:
      run.occurrence === undefined
        ? undefined
        : { scheduleId: run.occurrence.scheduleId, nominalAt: timestampFromDate(run.occurrence.nominalAt) },
    traceId: traceIdOf(run.traceparent),
  }
}

/** An attempt as its message. */
export function toAttemptMessage(attempt: AttemptRecord): MessageInitShape<typeof AttemptSchema> {
  return {
    attempt: attempt.attempt,
    fence: BigInt(attempt.fence),
    outcome: outcomes[attempt.outcome],
    endpointUrl: attempt.endpointUrl,
    startedAt: timestampFromDate(attempt.startedAt),
    finishedAt: toTime(attempt.finishedAt),
    httpStatus: attempt.httpStatus,
    error: toError(attempt.error),
  }
}

/** A step of a run's life as its message. */
export function toEventMessage(step: RunStep): MessageInitShape<typeof RunEventSchema> {
  return {
    seq: step.seq,
    status: statuses[step.status],
    attempt: step.attempt,
    at: timestampFromDate(step.at),
    attemptDetail: step.detail === undefined ? undefined : toAttemptMessage(step.detail),
    nextAttemptAt: toTime(step.nextAttemptAt),
  }
}

function toTime(date: Date | undefined) {
  return date === undefined ? undefined : timestampFromDate(date)
}

function toError(error: AttemptError | undefined) {
  return error === undefined
    ? undefined
    : { class: error.class, message: error.message, httpStatus: error.httpStatus }
}
