// One version of a job, by its number or its id; of deleted jobs too, whose versions stay readable by the id of the job.

import { isUuid } from '@strait/domain/ids'
import { checkSlug } from '@strait/domain/slug'
import { sql } from 'kysely'
import type { JobRecord } from '../../domain/jobs/job.ts'
import type { VersionRef } from '../../domain/version-ref.ts'
import type { CatalogDb } from '../database.ts'
import { type JobRow, jobColumns, toJobRecord } from './job-row.ts'

/** A job whose versions are asked for. */
export interface JobWithVersions {
  readonly id: string
  /** The newest version. */
  readonly version: number
}

/** Finds a job of a project by its id, deleted or not, or by its slug; undefined where the project has no such job. */
export async function findJobWithVersions(
  db: CatalogDb,
  projectId: string,
  job: string,
): Promise<JobWithVersions | undefined> {
  if (!isUuid(job) && !checkSlug(job).ok) return undefined
  const named = isUuid(job) ? sql`id = ${job}::uuid` : sql`slug = ${job} and deleted_at is null`
  const { rows } = await sql<JobWithVersions>`
    select id, version from jobs where project_id = ${projectId} and ${named}
  `.execute(db)
  return rows[0]
}

/** A job in one of its versions; undefined where it has no such version. */
export async function findJobRecord(
  db: CatalogDb,
  jobId: string,
  ref: VersionRef,
): Promise<JobRecord | undefined> {
  const which = 'id' in ref ? sql`v.version_id = ${ref.id}` : sql`v.version = ${ref.number}::int4`
  const { rows } = await sql<JobRow>`
    select ${jobColumns}, v.config
    from job_versions as v
    join jobs as j on j.id = v.job_id
    left join job_secrets as s on s.job_id = j.id
    where v.job_id = ${jobId}::uuid and ${which}
  `.execute(db)
  return rows[0] && toJobRecord(rows[0])
}
