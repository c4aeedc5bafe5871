// The jobs of a project, newest first, those that pass every filter. A page begins after a place, not at a number: jobs that
// are made meanwhile stand before the first page and move nothing.
//
// A page costs what it shows, however many jobs there are: the index by age gives the heads in their order, and only those of
// the page are joined to their versions. Filters are checked on the way: the one that lets few jobs pass walks further.

import { sql } from 'kysely'
import type { JobRecord } from '../../domain/jobs/job.ts'
import { toSearched } from '../../domain/searched-text.ts'
import { maxPageBytes } from '../answer-bytes.ts'
import { olderThan, type PlaceByAge } from '../by-age.ts'
import type { CatalogDb } from '../database.ts'
import { type JobRow, jobColumns, toJobRecord } from './job-row.ts'

/** What jobs must be to be listed; what is absent lets every job pass. */
export interface JobFilter {
  /** Jobs with each of these tags. */
  readonly tags: Readonly<Record<string, string>>
  readonly groupId: string | undefined
  readonly environmentId: string | undefined
  readonly enabled: boolean | undefined
  /** Contained in name, slug or description, whatever the case. */
  readonly text: string | undefined
}

/** A page of jobs. */
export interface JobPage {
  readonly jobs: readonly JobRecord[]
  /** Where the next page begins; undefined after the last one. */
  readonly next: PlaceByAge | undefined
}

/** What a page is asked for with. */
export interface JobPageQuery {
  readonly projectId: string
  readonly filter: JobFilter
  readonly after: PlaceByAge | undefined
  readonly limit: number
}

/** Reads a page of at most `limit` jobs and about 8 MiB; a first job larger than that comes alone. */
export async function listJobs(db: CatalogDb, query: JobPageQuery): Promise<JobPage> {
  const { rows } = await jobPageStatement(query).execute(db)
  const last = rows.at(-1)
  return {
    jobs: rows.map(toJobRecord),
    next: last?.more === true ? { createdAt: last.created_at_text, id: last.id } : undefined,
  }
}

/** The statement, to be run or to be explained. */
export function jobPageStatement({ projectId, filter, after, limit }: JobPageQuery) {
  return sql<JobRow & { more: boolean; created_at_text: string }>`
    select
      ${jobColumns}, v.config, j.ahead > j.nth as more,
      to_char(j.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as created_at_text
    from (
      select
        page.*, row_number() over so_far as nth, count(*) over () as ahead, sum(size.config_bytes) over so_far as bytes
      from (
        select * from jobs
        where project_id = ${projectId} and deleted_at is null and ${passes(filter)} and ${olderThan(after)}
        order by created_at desc, id desc
        limit ${limit + 1}
      ) as page
      join job_versions as size on size.job_id = page.id and size.version = page.version
      window so_far as (order by page.created_at desc, page.id desc rows unbounded preceding)
    ) as j
    join job_versions as v on v.job_id = j.id and v.version = j.version
    left join job_secrets as s on s.job_id = j.id
    where j.nth <= ${limit} and (j.nth = 1 or j.bytes <= ${maxPageBytes})
    order by j.created_at desc, j.id desc
  `
}

function passes({ tags, groupId, environmentId, enabled, text }: JobFilter) {
  const conditions = [
    Object.keys(tags).length > 0 && sql`tags @> ${JSON.stringify(tags)}::jsonb`,
    groupId !== undefined && sql`group_id = ${groupId}::uuid`,
    environmentId !== undefined && sql`environment_id = ${environmentId}::uuid`,
    enabled !== undefined && sql`enabled = ${enabled}`,
    text !== undefined && sql`strpos(searched, ${toSearched(text)}) > 0`,
  ]
  return sql.join([sql`true`, ...conditions.filter((condition) => condition !== false)], sql` and `)
}
