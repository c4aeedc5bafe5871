// The end of a group: its jobs leave it, each by a new version without `group_id`, and everything is in the audit log, in one
// transaction. Dying before the commit leaves the group as it was; dying after it leaves a change that followers find by `changed`.
//
// Locks are taken in one order: the group, then the heads of its jobs by their ids. A job that joins the group at the same moment holds
// the group until its commit, so it is among the jobs that leave; one that comes later finds the group deleted. A change of one of the
// jobs that was decided on the version before finds another one and decides again.

import { newUuidv7, newVersionId } from '@strait/domain/ids'
import { sql } from 'kysely'
import { auditTextOfJobGroup, type JobGroup } from '../../domain/groups/job-group.ts'
import { recordAudit } from '../audit/record-audit.ts'
import type { CatalogDb } from '../database.ts'
import { written } from '../written.ts'

// A statement about so many jobs stays far below the time that one may take.
const jobsAtOnce = 500

/** Deletes a group that is still what was decided on, and answers the ids of its jobs; undefined where it is not. */
export async function deleteJobGroupIfUnchanged(
  db: CatalogDb,
  group: JobGroup,
  by: string,
): Promise<readonly string[] | undefined> {
  const { id, projectId, revision } = group
  return db.transaction().execute(async (trx) => {
    const { rows: held } = await sql`
      select from job_groups where id = ${id} and revision = ${revision} and deleted_at is null for update
    `.execute(trx)
    if (held.length === 0) return undefined
    const { rows } = await sql<{ id: string }>`
      select id from jobs where group_id = ${id} and deleted_at is null order by id for no key update
    `.execute(trx)
    const jobIds = rows.map((row) => row.id)
    for (let from = 0; from < jobIds.length; from += jobsAtOnce)
      await takeOut(trx, jobIds.slice(from, from + jobsAtOnce), projectId, by)
    await sql`update job_groups set deleted_at = now(), ${written(by)} where id = ${id}`.execute(trx)
    const before = auditTextOfJobGroup(group)
    const entry = { projectId, actor: by, resourceId: id, before, after: undefined }
    await recordAudit(trx, [{ ...entry, action: 'job_group.deleted' }])
    return jobIds
  })
}

// Configurations are as large as their users make them, so they never leave the database for this.
async function takeOut(trx: CatalogDb, jobIds: readonly string[], projectId: string, by: string) {
  await sql`
    with leaving as (
      select j.id, j.version + 1 as version, asked.version_id, asked.audit_id, v.config as before,
        (v.config - 'group_id') || '{"backwards_compatible": false}' as after
      from unnest(
        ${jobIds}::uuid[], ${jobIds.map(() => newVersionId())}::text[], ${jobIds.map(() => newUuidv7())}::uuid[]
      ) as asked (job_id, version_id, audit_id)
      join jobs as j on j.id = asked.job_id
      join job_versions as v on v.job_id = j.id and v.version = j.version
    ), versions as (
      -- The group shapes no call, so the new version serves the runs of the one before.
      insert into job_versions (job_id, version, version_id, config, compatible, created_by)
      select id, version, version_id, after, true, ${by}::text from leaving
    ), entries as (
      insert into audit_events (id, project_id, actor, action, resource_type, resource_id, before, after)
      select audit_id, ${projectId}::uuid, ${by}::text, 'job.updated', 'job', id::text, before::text, after::text from leaving
    )
    update jobs set group_id = null, version = leaving.version, changed = pg_current_xact_id(), updated_at = now()
    from leaving where jobs.id = leaving.id
  `.execute(trx)
}
