// Jobs as they are now, by project and id or slug, a batch in one statement. The project is in every look-up: another
// project's job is not there, whoever asks.

import { isUuid } from '@strait/domain/ids'
import { checkSlug } from '@strait/domain/slug'
import { sql } from 'kysely'
import type { JobRecord } from '../../domain/jobs/job.ts'
import type { CatalogDb } from '../database.ts'
import { allConfigsOrNone } from '../stored-config.ts'
import { type JobRow, jobColumns, toJobRecord } from './job-row.ts'

/** Names a job inside a project, by its id or its slug. */
export interface JobRef {
  readonly projectId: string
  readonly job: string
}

/** Answers in the order of the references; undefined where the project has no such job. */
export async function findJobs(
  db: CatalogDb,
  refs: readonly JobRef[],
): Promise<readonly (JobRecord | undefined)[]> {
  // A slug never looks like an id, so each reference is one or the other. What is neither is no job's name.
  const projects = refs.map((ref) => (isUuid(ref.projectId) ? ref.projectId : null))
  const ids = refs.map((ref) => (isUuid(ref.job) ? ref.job : null))
  const slugs = refs.map((ref) => (checkSlug(ref.job).ok ? ref.job : null))
  const { rows } = await sql<JobRow & { nth: number }>`
    select asked.nth::int4 as nth, ${jobColumns}, ${allConfigsOrNone}
    from unnest(${projects}::uuid[], ${ids}::uuid[], ${slugs}::text[])
      with ordinality as asked (project_id, job_id, slug, nth)
    cross join lateral (
      select * from jobs where jobs.project_id = asked.project_id and jobs.id = asked.job_id and jobs.deleted_at is null
      union all
      select * from jobs where jobs.project_id = asked.project_id and jobs.slug = asked.slug and jobs.deleted_at is null
    ) as j
    join job_versions as v on v.job_id = j.id and v.version = j.version
    left join job_secrets as s on s.job_id = j.id
  `.execute(db)
  const found = new Map(rows.map((row) => [row.nth, toJobRecord(row)]))
  return refs.map((_, index) => found.get(index + 1))
}
