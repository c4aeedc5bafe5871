import type { Db } from './db.ts'

/** A run that waits, with what its end tells. */
export interface WaitingRun {
  readonly runId: string
  readonly projectId: string
  readonly jobId: string
  readonly jobSlug: string
  readonly shard: number
  readonly version: number
  readonly versionId: string
  readonly attempt: number
  readonly fence: number
  readonly metadata: string
  readonly tags: string
  readonly triggeredBy: string
  readonly createdAt: Date
  readonly traceparent: string
}

/** Runs of a job that wait, due or not, those due first before the others. */
export async function findWaitingRuns(db: Db, jobId: string, limit: number): Promise<WaitingRun[]> {
  const { rows } = await db.query<WaitingRun>({
    name: 'waiting_runs',
    text: `
      select q.run_id as "runId", q.project_id as "projectId", q.job_id as "jobId", r.job_slug as "jobSlug", q.shard, q.version,
             coalesce(q.resolved_version_id, r.triggered_version_id) as "versionId", q.attempt, q.fence, r.metadata, r.tags,
             r.triggered_by as "triggeredBy", r.created_at as "createdAt", r.traceparent
      from queue q join runs r on r.id = q.run_id
      where q.job_id = $1 and q.status = 'ready'
      order by q.due_at, q.run_id limit $2`,
    values: [jobId, limit],
  })
  return rows
}
