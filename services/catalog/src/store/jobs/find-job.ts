// A job as it is now, by project and id or slug. The project is in the look-up: another project's job is not there, whoever asks.

import { isUuid } from '@strait/domain/ids'
import { checkSlug } from '@strait/domain/slug'
import { sql } from 'kysely'
import type { JobRecord } from '../../domain/jobs/job.ts'
import type { CatalogDb } from '../database.ts'
import { type JobRow, jobColumns, toJobRecord } from './job-row.ts'

/** Names a job inside a project, by its id or its slug. */
export interface JobRef {
  readonly projectId: string
  readonly job: string
}

/** Undefined where the project has no such job. */
export async function findJob(db: CatalogDb, { projectId, job }: JobRef): Promise<JobRecord | undefined> {
  // A slug never looks like an id, so a reference is one or the other. What is neither is no job's name.
  if (!isUuid(job) && !checkSlug(job).ok) return undefined
  const isNamed = isUuid(job) ? sql`j.id = ${job}` : sql`j.slug = ${job}`
  const { rows } = await sql<JobRow>`
    select ${jobColumns}, v.config
    from jobs as j
    join job_versions as v on v.job_id = j.id and v.version = j.version
    left join job_secrets as s on s.job_id = j.id
    where j.project_id = ${projectId} and ${isNamed} and j.deleted_at is null
  `.execute(db)
  return rows[0] && toJobRecord(rows[0])
}
