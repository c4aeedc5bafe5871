// Occurrences become runs. A refusal is final and told in the feed, so that the scheduler can close the occurrence; anything that may pass
// (catalog or Postgres out of reach, a job that is just being deleted) is thrown, and the item comes again.

import { randomBytes } from 'node:crypto'
import { checkJsonText } from '@strait/domain/json-text'
import { Refusal } from '@strait/service-kit/refusal'
import type { CreateRun } from './create-runs.ts'
import { newRun } from './domain/admit-trigger.ts'
import { whyNotTaken } from './domain/may-create.ts'
import { runTraceparent } from './domain/traceparent.ts'
import { type DueEnd, encodeDueEnds, encodeNews } from './rpc/feed-codec.ts'
import type { Db } from './store/db.ts'
import { findExistingRuns } from './store/existing-runs.ts'
import { insertFeedBody } from './store/feed.ts'
import type { LiveJobs } from './wire/live-jobs.ts'

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
  readonly jobs: LiveJobs
  readonly createRun: CreateRun
  readonly maxPayloadBytes: number
  readonly publishNews: (news: Uint8Array) => void
}

/** Makes runs of occurrences; answers what became of each, in their order. */
export async function createDueRuns(deps: DueRunsDeps, items: readonly DueRun[]): Promise<DueEnd[]> {
  const ends = await butThoseThatAre(deps.db, await Promise.all(items.map((item) => createOne(deps, item))))
  const refused = encodeDueEnds(ends.filter((end) => end.refused !== undefined))
  if (refused !== undefined) deps.publishNews(encodeNews(await insertFeedBody(deps.db, refused), refused))
  return ends
}

async function createOne(deps: DueRunsDeps, item: DueRun): Promise<DueEnd> {
  const end = { runId: item.runId, occurrence: item.occurrence }
  const job = await deps.jobs.resolve(item.projectId, item.jobId)
  if (job === undefined) return { ...end, refused: 'JOB_NOT_FOUND' }
  const notTaken = whyNotTaken(job, 'cron')
  if (notTaken?.reason === 'JOB_DISABLED' && notTaken.passes)
    throw new Refusal('UNAVAILABLE', notTaken.message)
  if (notTaken !== undefined) return { ...end, refused: notTaken.reason }
  if (!checkJsonText(item.payload, { maxBytes: deps.maxPayloadBytes }).ok)
    return { ...end, refused: 'FIELD_INVALID' }
  await deps.createRun(
    newRun(job.config, {
      id: item.runId,
      payload: item.payload,
      idempotencyKey: undefined,
      metadata: {},
      tags: {},
      triggeredBy: 'cron',
      createdBy: 'system:scheduler',
      occurrence: item.occurrence,
      traceparent: runTraceparent(undefined, randomBytes(24).toString('hex')),
    }),
  )
  return { ...end, refused: undefined }
}

/** An item that came before has its run, whatever changed since: what is refused is looked up. */
async function butThoseThatAre(db: Db, ends: DueEnd[]): Promise<DueEnd[]> {
  const refused = ends.filter((end) => end.refused !== undefined).map((end) => end.runId)
  if (refused.length === 0) return ends
  const there = await findExistingRuns(db, refused)
  return ends.map((end) => (there.has(end.runId) ? { ...end, refused: undefined } : end))
}
