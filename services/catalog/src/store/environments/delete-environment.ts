// Deletion. Whoever saves a job that names an environment holds the environment's row (for key share, which its foreign key does too)
// until the job is stored. So the row is taken for update first, which waits for all of them and makes those wait that come after; only
// then is it asked, in a new statement that sees what they stored, who uses it. Those that waited find it deleted.
//
// The row stays for those who follow; its variables do not: what was deleted is to be had from no backup that is made after.

import { sql } from 'kysely'
import type { EnvironmentRecord } from '../../domain/environments/environment-record.ts'
import type { LockedEnvironments } from './environment-lock.ts'
import { type EnvironmentRow, environmentColumns, toEnvironmentRecord } from './environment-row.ts'

/** Who uses an environment: how many jobs that are not deleted, and how many environments as their parent. */
export interface EnvironmentUse {
  readonly jobs: number
  readonly environments: number
}

/** Counts who uses an environment, and lets nobody else begin to until the transaction ends. */
export async function countUseAndHold({ trx }: LockedEnvironments, id: string): Promise<EnvironmentUse> {
  await sql`select from environments where id = ${id} for update`.execute(trx)
  const { rows } = await sql<EnvironmentUse>`
    select
      (select count(*)::int4 from jobs where environment_id = ${id} and deleted_at is null) as jobs,
      (select count(*)::int4 from environments where parent_id = ${id} and deleted_at is null) as environments
  `.execute(trx)
  return rows[0] as EnvironmentUse
}

/** Deletes an environment that nobody uses. */
export async function deleteEnvironment(
  { trx }: LockedEnvironments,
  id: string,
  by: string,
): Promise<EnvironmentRecord> {
  const { rows } = await sql<EnvironmentRow>`
    update environments as e
    set deleted_at = now(), sealed_variables = null, revision = revision + 1, changed = pg_current_xact_id(),
      updated_by = ${by}, updated_at = now()
    where e.id = ${id}
    returning ${environmentColumns}
  `.execute(trx)
  return toEnvironmentRecord(rows[0] as EnvironmentRow)
}
