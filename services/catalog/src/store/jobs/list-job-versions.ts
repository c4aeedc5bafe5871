// The versions of a job, newest first. A page begins below a version, so versions that are made meanwhile move nothing.

import { sql } from 'kysely'
import type { JobRecord } from '../../domain/jobs/job.ts'
import { maxPageBytes } from '../answer-bytes.ts'
import type { CatalogDb } from '../database.ts'
import { type JobRow, jobColumns, toJobRecord } from './job-row.ts'

/** A page of versions. */
export interface VersionPage {
  readonly versions: readonly JobRecord[]
  /** The version below which the next page begins; undefined after the last one. */
  readonly next: number | undefined
}

/** Reads at most `limit` versions below one, or from the newest. */
export async function listJobVersions(
  db: CatalogDb,
  jobId: string,
  below: number | undefined,
  limit: number,
): Promise<VersionPage> {
  const older = below === undefined ? sql`true` : sql`version < ${below}`
  const { rows } = await sql<JobRow & { more: boolean }>`
    select ${jobColumns}, v.config, page.ahead > page.nth as more
    from (
      select
        job_id, version, row_number() over so_far as nth, count(*) over () as ahead, sum(config_bytes) over so_far as bytes
      from (
        select job_id, version, config_bytes from job_versions
        where job_id = ${jobId}::uuid and ${older}
        order by version desc
        limit ${limit + 1}
      ) as sizes
      window so_far as (order by version desc rows unbounded preceding)
    ) as page
    join job_versions as v on v.job_id = page.job_id and v.version = page.version
    join jobs as j on j.id = v.job_id
    left join job_secrets as s on s.job_id = j.id
    where page.nth <= ${limit} and (page.nth = 1 or page.bytes <= ${maxPageBytes})
    order by page.version desc
  `.execute(db)
  const last = rows.at(-1)
  return { versions: rows.map(toJobRecord), next: last?.more === true ? last.version : undefined }
}
