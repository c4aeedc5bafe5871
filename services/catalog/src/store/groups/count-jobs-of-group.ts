import { sql } from 'kysely'
import type { CatalogDb } from '../database.ts'

/** What there is of a group's jobs. */
export interface JobCounts {
  readonly jobs: number
  readonly enabledJobs: number
  readonly pausedJobs: number
  readonly cronJobs: number
}

/** Counts the jobs of a group, and answers their ids. */
export async function countJobsOfGroup(
  db: CatalogDb,
  groupId: string,
): Promise<JobCounts & { readonly ids: readonly string[] }> {
  const { rows } = await sql<{ ids: string[]; jobs: number; enabled: number; paused: number; cron: number }>`
    select
      coalesce(array_agg(id::text order by id), '{}') as ids,
      count(*)::int4 as jobs,
      count(*) filter (where enabled)::int4 as enabled,
      count(paused_at)::int4 as paused,
      count(cron)::int4 as cron
    from jobs where group_id = ${groupId} and deleted_at is null
  `.execute(db)
  const { ids = [], jobs = 0, enabled = 0, paused = 0, cron = 0 } = rows[0] ?? {}
  return { ids, jobs, enabledJobs: enabled, pausedJobs: paused, cronJobs: cron }
}
