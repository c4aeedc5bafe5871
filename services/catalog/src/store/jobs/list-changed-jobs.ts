// What is new to a follower of the catalog: jobs in the order of the transactions that changed them last.
//
// Read are only rows whose transaction lies below every transaction still open, so nothing can commit behind the place
// where a reader stopped. A job that changes again moves to the end: it may be read twice, it is never skipped.

import type { JobId } from '@strait/domain/ids'
import { oldestOpenXid } from '@strait/postgres/xid-cursor'
import { sql } from 'kysely'
import type { JobRecord } from '../../domain/jobs/job.ts'
import type { CatalogDb } from '../database.ts'
import { type JobRow, jobColumns, toJobRecord } from './job-row.ts'

/** The last job that was read: the transaction that changed it, as decimal text, and its id. */
export interface ChangeCursor {
  readonly xid: string
  readonly id: JobId
}

/** Before every change. */
export const beginningOfChanges: ChangeCursor = {
  xid: '0',
  id: '00000000-0000-0000-0000-000000000000' as JobId,
}

/** What changed after a cursor. */
export interface ChangedJobs {
  readonly jobs: readonly JobRecord[]
  readonly next: ChangeCursor
  readonly more: boolean
}

const maxPageBytes = 8 * 1024 * 1024

/** Reads a page of at most `limit` jobs and about 8 MiB; a first job larger than that comes alone. */
export async function listChangedJobs(
  db: CatalogDb,
  after: ChangeCursor,
  limit: number,
): Promise<ChangedJobs> {
  const { rows } = await sql<JobRow & { xid: string; more: boolean }>`
    select ${jobColumns}, v.config, j.xid, j.ahead > j.nth as more
    from (
      select
        page.*, page.changed::text as xid, row_number() over so_far as nth, count(*) over () as ahead,
        sum(size.config_bytes) over so_far as bytes
      from (
        select * from jobs
        where (changed, id) > (${after.xid}::xid8, ${after.id}::uuid) and changed < ${oldestOpenXid}
        order by changed, id
        limit ${limit + 1}
      ) as page
      join job_versions as size on size.job_id = page.id and size.version = page.version
      window so_far as (order by page.changed, page.id rows unbounded preceding)
    ) as j
    join job_versions as v on v.job_id = j.id and v.version = j.version
    left join job_secrets as s on s.job_id = j.id
    where j.nth <= ${limit} and (j.nth = 1 or j.bytes <= ${maxPageBytes})
    order by j.changed, j.id
  `.execute(db)
  const last = rows.at(-1)
  return {
    jobs: rows.map(toJobRecord),
    next: last === undefined ? after : { xid: last.xid, id: last.id as JobId },
    more: last?.more ?? false,
  }
}
