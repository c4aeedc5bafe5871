import type { EndingRun } from '../domain/run.ts'
import type { Db } from './db.ts'

/** An attempt whose incarnation is dead. */
export interface LostAttempt extends EndingRun {
  readonly losses: number
  readonly holder: string
}

/**
 * Attempts in some shards whose holder is dead. Read after a take-over has committed, in a statement of its own: an older snapshot would miss
 * the starts that the take-over waited for.
 */
export async function findLostAttempts(
  db: Db,
  shards: readonly number[],
  limit: number,
): Promise<LostAttempt[]> {
  const { rows } = await db.query<LostAttempt>(
    `select q.run_id as "runId", q.project_id as "projectId", q.job_id as "jobId", r.job_slug as "jobSlug", q.shard, q.version,
            coalesce(q.resolved_version_id, r.triggered_version_id) as "versionId", q.attempt, q.losses, q.fence, q.exec_id as holder,
            r.metadata, r.tags, r.triggered_by as "triggeredBy", r.created_at as "createdAt", r.traceparent
     from queue q join runs r on r.id = q.run_id
     where q.shard = any($1::smallint[]) and q.status = 'executing'
       and not exists (select from dispatchers d where d.exec_id = q.exec_id and d.lease_until > '-infinity')
     limit $2`,
    [shards, limit],
  )
  return rows
}
