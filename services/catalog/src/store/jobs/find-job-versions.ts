// Versions of jobs, a batch in one statement. What it answers never changes, save whether a secret is kept now.

import { isUuid } from '@strait/domain/ids'
import { sql } from 'kysely'
import type { JobRecord } from '../../domain/jobs/job.ts'
import type { CatalogDb } from '../database.ts'
import { allConfigsOrNone } from '../stored-config.ts'
import { type JobRow, jobColumns, toJobRecord } from './job-row.ts'

/** Names one version of a job. */
export interface JobVersionRef {
  readonly jobId: string
  readonly version: number
}

/** Answers in the order of the references; undefined where there is no such version. */
export async function findJobVersions(
  db: CatalogDb,
  refs: readonly JobVersionRef[],
): Promise<readonly (JobRecord | undefined)[]> {
  const ids = refs.map((ref) => (isUuid(ref.jobId) ? ref.jobId : null))
  const versions = refs.map((ref) => ref.version)
  const { rows } = await sql<JobRow & { nth: number }>`
    select asked.nth::int4 as nth, ${jobColumns}, ${allConfigsOrNone}
    from unnest(${ids}::uuid[], ${versions}::int4[]) with ordinality as asked (job_id, version, nth)
    join job_versions as v on v.job_id = asked.job_id and v.version = asked.version
    join jobs as j on j.id = v.job_id
    left join job_secrets as s on s.job_id = j.id
  `.execute(db)
  const found = new Map(rows.map((row) => [row.nth, toJobRecord(row)]))
  return refs.map((_, index) => found.get(index + 1))
}
