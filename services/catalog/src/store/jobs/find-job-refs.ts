// Whether what a job refers to is in its project and not deleted. What is another project's is not there.

import { isUuid } from '@strait/domain/ids'
import { sql } from 'kysely'
import type { KnownRefs } from '../../domain/jobs/check-refs.ts'
import type { CatalogDb } from '../database.ts'

/** Looks up a job's group and environment by id; asks nothing for a job that refers to nothing. */
export async function findJobRefs(
  db: CatalogDb,
  projectId: string,
  refs: { readonly groupId?: string | undefined; readonly environmentId?: string | undefined },
): Promise<KnownRefs> {
  const { groupId = '', environmentId = '' } = refs
  const group = isUuid(groupId) ? groupId : null
  const environment = isUuid(environmentId) ? environmentId : null
  if (group === null && environment === null) return { group: false, environment: false }
  const { rows } = await sql<KnownRefs>`
    select
      exists (
        select from job_groups where project_id = ${projectId} and id = ${group}::uuid and deleted_at is null
      ) as "group",
      exists (
        select from environments where project_id = ${projectId} and id = ${environment}::uuid and deleted_at is null
      ) as environment
  `.execute(db)
  return rows[0] ?? { group: false, environment: false }
}
