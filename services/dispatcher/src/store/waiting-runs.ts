import type { EndingRun } from '../domain/run.ts'
import type { Db } from './db.ts'

/** Runs of a job that wait, due or not, those due first before the others. */
export async function findWaitingRuns(db: Db, jobId: string, limit: number): Promise<EndingRun[]> {
  const { rows } = await db.query<EndingRun>({
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
