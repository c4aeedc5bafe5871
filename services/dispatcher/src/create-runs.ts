// The one way in: every run, whatever triggers it, is stored here. Callers meet in one group commit; when the answer is there the
// run is durable, and its shard's owner has been told.

import { createGroupCommit, TooMuchError } from '@strait/postgres/group-commit'
import { isConnectionLost } from '@strait/postgres/is-connection-lost'
import { Refusal } from '@strait/service-kit/refusal'
import type { Entry } from './domain/entry.ts'
import { entriesLength, type NewRun } from './domain/run.ts'
import type { Events } from './events.ts'
import { type DueEnd, encodeDueEnds, encodeNews } from './rpc/feed-codec.ts'
import type { Db } from './store/db.ts'
import { type Inserted, insertRuns } from './store/insert-runs.ts'

/** What storing runs needs. */
export interface CreateRunsDeps {
  readonly db: Db
  readonly events: Events
  readonly offer: (entries: readonly Entry[]) => void
  readonly publishNews: (news: Uint8Array) => void
  readonly onChanged: (projectId: string, runIds: readonly string[]) => void
}

/** Stores one run; resolves when it is durable. */
export type CreateRun = (run: NewRun) => Promise<Inserted>

/** Makes the way in. */
export function createRunCreator(deps: CreateRunsDeps): CreateRun {
  const { events } = deps
  const commit = createGroupCommit<NewRun, Inserted>({
    maxItems: 500,
    maxBytes: 8 * 1024 * 1024,
    maxWaiting: 50_000,
    sizeOf: (run) => 500 + run.payload.length + entriesLength(run.metadata) + entriesLength(run.tags),
    onFlush: (count) => events.batchWritten('insert_runs', count),
    flush: async (runs) => {
      const body = encodeDueEnds(runs.flatMap(toDueEnd))
      const { results, feed } = await insertRuns(deps.db, runs, body)
      const created = runs.flatMap((run, i) => toEntry(run, results[i]))
      deps.offer(created)
      if (feed !== undefined && body !== undefined) deps.publishNews(encodeNews(feed, body))
      for (const [projectId, entries] of Map.groupBy(created, (entry) => entry.projectId)) {
        deps.onChanged(
          projectId,
          entries.map((entry) => entry.runId),
        )
      }
      return results
    },
  })
  return async (run) => {
    try {
      const inserted = await commit.submit(run)
      if (inserted.kind === 'created') events.runCreated(run.triggeredBy)
      else events.triggerDeduplicated()
      return inserted
    } catch (cause) {
      if (cause instanceof TooMuchError)
        throw new Refusal('OVERLOADED', 'too many triggers wait to be stored, try again', { cause })
      if (isConnectionLost(cause)) {
        throw new Refusal(
          'UNAVAILABLE',
          'the run could not be stored for sure; with an idempotency key, trying again is safe',
          { cause },
        )
      }
      throw cause
    }
  }
}

/** What a due item's run tells the scheduler: the run is there, now or since before. */
function toDueEnd(run: NewRun): DueEnd[] {
  return run.occurrence === undefined
    ? []
    : [{ runId: run.id, occurrence: run.occurrence, refused: undefined }]
}

function toEntry(run: NewRun, inserted: Inserted | undefined): Entry[] {
  if (inserted?.kind !== 'created') return []
  const { id: runId, projectId, jobId, shard, version } = run
  return [{ runId, projectId, jobId, shard, version, dueAtMs: inserted.at.getTime(), fence: 0, attempt: 0 }]
}
