// Occurrences become runs. A refusal is final and told in the feed, so that the scheduler can close the occurrence; anything that may pass
// (catalog or Postgres out of reach) is thrown, and the item comes again.

import { randomBytes } from 'node:crypto'
import { checkJsonText } from '@strait/domain/json-text'
import type { CreateRun } from './create-runs.ts'
import { newRun } from './domain/admit-trigger.ts'
import { runTraceparent } from './domain/traceparent.ts'
import { type DueEnd, encodeDueEnds, encodeNews } from './rpc/feed-codec.ts'
import type { JobDirectory } from './rpc/job-directory.ts'
import type { Db } from './store/db.ts'
import { insertFeedBody } from './store/feed.ts'

/** One occurrence that shall become a run. */
export interface DueRun {
  readonly runId: string
  readonly projectId: string
  readonly jobId: string
  readonly occurrence: { readonly scheduleId: string; readonly nominalAt: Date }
  readonly payload: string
}

/** What creating due runs needs. */
export interface DueRunsDeps {
  readonly db: Db
  readonly jobs: JobDirectory
  readonly createRun: CreateRun
  readonly maxPayloadBytes: number
  readonly publishNews: (news: Uint8Array) => void
}

/** Makes runs of occurrences; answers what became of each, in their order. */
export async function createDueRuns(deps: DueRunsDeps, items: readonly DueRun[]): Promise<DueEnd[]> {
  const ends = await Promise.all(items.map((item) => createOne(deps, item)))
  const refused = encodeDueEnds(ends.filter((end) => end.refused !== undefined))
  if (refused !== undefined) deps.publishNews(encodeNews(await insertFeedBody(deps.db, refused), refused))
  return ends
}

async function createOne(deps: DueRunsDeps, item: DueRun): Promise<DueEnd> {
  const end = { runId: item.runId, occurrence: item.occurrence }
  const job = await deps.jobs.resolve(item.projectId, item.jobId)
  if (job === undefined) return { ...end, refused: 'JOB_NOT_FOUND' }
  if (!checkJsonText(item.payload, { maxBytes: deps.maxPayloadBytes }).ok)
    return { ...end, refused: 'FIELD_INVALID' }
  await deps.createRun(
    newRun(job, {
      id: item.runId,
      payload: item.payload,
      idempotencyKey: undefined,
      metadata: {},
      triggeredBy: 'cron',
      createdBy: 'system:scheduler',
      occurrence: item.occurrence,
      traceparent: runTraceparent(undefined, randomBytes(24).toString('hex')),
    }),
  )
  return { ...end, refused: undefined }
}
