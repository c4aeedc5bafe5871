// What the run feed says, as protobuf: one body per write batch.

import { create, toBinary } from '@bufbuild/protobuf'
import { timestampFromDate } from '@bufbuild/protobuf/wkt'
import type { DueOutcome } from '@strait/contracts/events/v1/due_pb'
import { FeedNewsSchema, RunFeedBatchSchema } from '@strait/contracts/events/v1/feed_pb'
import type { AttemptError } from '../domain/after-attempt.ts'
import type { EndingRun } from '../domain/run.ts'

/** A run's end as it is told. */
export interface RunEnd extends Omit<EndingRun, 'shard' | 'version' | 'fence' | 'metadata' | 'tags'> {
  readonly status: string
  readonly result: string | undefined
  readonly error: AttemptError | undefined
  readonly metadata: Readonly<Record<string, string>>
  readonly tags: Readonly<Record<string, string>>
  readonly webhookUrl: string | undefined
  readonly finishedAt: Date
}

/** What became of a due item. */
export interface DueEnd {
  readonly runId: string
  readonly occurrence: { readonly scheduleId: string; readonly nominalAt: Date }
  /** Reason of the refusal; undefined when the run is there. */
  readonly refused: string | undefined
}

// A message may be 1 MiB; what is larger is only pointed at, and its reader asks for it.
const maxNewsBytes = 512 * 1024

/** The feed body that tells of runs' ends; undefined when there is nothing to tell. */
export function encodeEnds(ends: readonly RunEnd[]): Uint8Array | undefined {
  if (ends.length === 0) return undefined
  const events = ends.map((end) => ({
    event: {
      case: 'ended' as const,
      value: {
        ...end,
        metadata: { ...end.metadata },
        tags: { ...end.tags },
        jobVersionId: end.versionId,
        error: end.error === undefined ? undefined : { ...end.error },
        finishedAt: timestampFromDate(end.finishedAt),
        createdAt: timestampFromDate(end.createdAt),
      },
    },
  }))
  return toBinary(RunFeedBatchSchema, create(RunFeedBatchSchema, { events }))
}

/** The feed body that tells what became of due items; undefined when there is nothing to tell. */
export function encodeDueEnds(ends: readonly DueEnd[]): Uint8Array | undefined {
  if (ends.length === 0) return undefined
  const events = ends.map((end) => ({ event: { case: 'due' as const, value: toDueOutcome(end) } }))
  return toBinary(RunFeedBatchSchema, create(RunFeedBatchSchema, { events }))
}

/** What became of a due item, as a message. */
export function toDueOutcome(
  end: DueEnd,
): Pick<DueOutcome, 'runId' | 'scheduleId' | 'nominalAt' | 'refused'> {
  return {
    runId: end.runId,
    scheduleId: end.occurrence.scheduleId,
    nominalAt: timestampFromDate(end.occurrence.nominalAt),
    refused: end.refused,
  }
}

/** The message that brings a feed row to its followers early. */
export function encodeNews(cursor: { xid: string; pos: string }, body: Uint8Array): Uint8Array {
  const row = body.length > maxNewsBytes ? undefined : { cursor, body }
  return toBinary(FeedNewsSchema, create(FeedNewsSchema, { row }))
}
