// The end of a group: its jobs leave it, each by a new version without `group_id`, and everything is in the audit log, in one
// transaction. Dying before the commit leaves the group as it was; dying after it leaves a change that followers find by `changed`.
//
// Locks are taken in one order: the group, then the heads of its jobs by their ids. A job that joins the group at the same moment holds
// the group until its commit, so it is among the jobs that leave; one that comes later finds the group deleted. A change of one of the
// jobs that was decided on the version before finds another one and decides again.

import { newVersionId } from '@strait/domain/ids'
import { sql } from 'kysely'
import type { JobGroup } from '../../domain/groups/job-group.ts'
import type { JobRecord } from '../../domain/jobs/job.ts'
import { type AuditEntry, recordAudit } from '../audit/record-audit.ts'
import type { CatalogDb } from '../database.ts'
import { type JobRow, jobColumns, toJobRecord } from '../jobs/job-row.ts'
import { written } from '../written.ts'

// A statement about so much stays far below the time and the memory that one may take. One configuration is below 3 MiB.
const jobsAtOnce = 200
const bytesAtOnce = 8 * 1024 * 1024

/** Who deletes a group, and what the audit log says of it and of each of its jobs. */
export interface GroupDeletion {
  readonly by: string
  readonly audit: AuditEntry
  readonly auditJob: (before: JobRecord, after: JobRecord) => AuditEntry
}

/** Deletes a group that is still what was decided on, and answers the ids of its jobs; undefined where it is not. */
export async function deleteJobGroupIfUnchanged(
  db: CatalogDb,
  { id, revision }: JobGroup,
  deletion: GroupDeletion,
): Promise<readonly string[] | undefined> {
  return db.transaction().execute(async (trx) => {
    const { rows: held } = await sql`
      select from job_groups where id = ${id} and revision = ${revision} and deleted_at is null for update
    `.execute(trx)
    if (held.length === 0) return undefined
    const { rows } = await sql<{ id: string }>`
      select id from jobs where group_id = ${id} and deleted_at is null order by id for no key update
    `.execute(trx)
    const jobIds = rows.map((row) => row.id)
    for (let left: readonly string[] = jobIds; left.length > 0; )
      left = left.slice(await takeOut(trx, left.slice(0, jobsAtOnce), deletion))
    await sql`update job_groups set deleted_at = now(), ${written(deletion.by)} where id = ${id}`.execute(trx)
    await recordAudit(trx, [deletion.audit])
    return jobIds
  })
}

/** Takes as many of these jobs out of their group as fit into one statement, at least the first; answers how many. */
async function takeOut(
  trx: CatalogDb,
  jobIds: readonly string[],
  { by, auditJob }: GroupDeletion,
): Promise<number> {
  const jobs = await readJobs(trx, jobIds)
  const versionIds = jobs.map(() => newVersionId())
  const { rows } = await sql<{ at: Date }>`
    with leaving as (
      select j.id, j.version + 1 as version, asked.version_id,
        (v.config - 'group_id') || '{"backwards_compatible": false}' as config
      from unnest(${jobs.map((job) => job.id)}::uuid[], ${versionIds}::text[]) as asked (job_id, version_id)
      join jobs as j on j.id = asked.job_id
      join job_versions as v on v.job_id = j.id and v.version = j.version
    ), versions as (
      -- The group shapes no call, so the new version serves the runs of the one before.
      insert into job_versions (job_id, version, version_id, config, compatible, created_by)
      select id, version, version_id, config, true, ${by}::text from leaving
    ), heads as (
      update jobs set group_id = null, version = leaving.version, changed = pg_current_xact_id(), updated_at = now()
      from leaving where jobs.id = leaving.id
    )
    select now() as at
  `.execute(trx)
  const updatedAt = rows[0]?.at as Date
  const entries = jobs.map((before, nth) => {
    const config = { ...before.config, groupId: undefined, backwardsCompatible: false }
    const versionId = versionIds[nth] ?? before.versionId
    const after = { ...before, version: before.version + 1, versionId, config, updatedBy: by, updatedAt }
    return auditJob(before, after)
  })
  await recordAudit(trx, entries)
  return jobs.length
}

/** Reads the first of these jobs, as many as fit into `bytesAtOnce`. */
async function readJobs(trx: CatalogDb, jobIds: readonly string[]): Promise<readonly JobRecord[]> {
  const { rows } = await sql<JobRow>`
    select ${jobColumns}, v.config
    from (
      select j.*, asked.nth, sum(size.config_bytes) over (order by asked.nth) as bytes
      from unnest(${jobIds}::uuid[]) with ordinality as asked (job_id, nth)
      join jobs as j on j.id = asked.job_id
      join job_versions as size on size.job_id = j.id and size.version = j.version
    ) as j
    join job_versions as v on v.job_id = j.id and v.version = j.version
    left join job_secrets as s on s.job_id = j.id
    where j.nth = 1 or j.bytes <= ${bytesAtOnce}
    order by j.nth
  `.execute(trx)
  return rows.map(toJobRecord)
}
