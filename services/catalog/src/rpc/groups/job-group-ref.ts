// The group that a request names, and what changes of groups share.

import { Refusal, refuseFields } from '@strait/service-kit/refusal'
import type { JobGroup } from '../../domain/groups/job-group.ts'
import type { ThingChange } from '../../events.ts'
import type { CatalogDb } from '../../store/database.ts'
import { findJobGroup } from '../../store/groups/find-job-groups.ts'
import type { SlugPlace } from '../under-free-slug.ts'

/** What changing groups needs. */
export interface JobGroupDeps {
  readonly db: CatalogDb
  /** Tells metrics, the log and all followers of a change that was stored; `jobIds` are the jobs that changed with the group. */
  readonly changed: (
    change: ThingChange,
    group: JobGroup,
    about: { readonly by: string; readonly jobIds?: readonly string[] },
  ) => Promise<void>
}

/** The group that a request names; refused where the caller's project has no such group. */
export async function requireJobGroup(db: CatalogDb, projectId: string, group: string): Promise<JobGroup> {
  if (group === '') throw refuseFields('FIELD_INVALID', [{ field: 'group', description: 'is required' }])
  const found = await findJobGroup(db, projectId, group)
  if (found === undefined) throw new Refusal('JOB_GROUP_NOT_FOUND', 'the project has no such job group')
  return found
}

/** Where the slug of a group is wanted; `message` is the request's field that has the group. */
export function placeOfSlug(db: CatalogDb, projectId: string, message: 'job_group' | 'patch'): SlugPlace {
  const space = { table: 'job_groups', projectId } as const
  return { db, space, field: `${message}.slug`, another: 'another job group' }
}
