// How a group is read, in one shape for every statement.

import type { GroupId, ProjectId } from '@strait/domain/ids'
import { sql } from 'kysely'
import type { JobGroup } from '../../domain/groups/job-group.ts'

/** The index that decides who gets a slug. */
export const jobGroupSlugs = 'job_group_slugs_are_unique_in_a_project'

/** A row as `jobGroupColumns` selects it. */
export interface JobGroupRow {
  id: string
  project_id: string
  slug: string
  name: string
  description: string
  paused_at: Date | null
  revision: number
  created_by: string
  created_at: Date
  updated_by: string
  updated_at: Date
}

/** The columns of a JobGroupRow. */
export const jobGroupColumns = sql`
  id, project_id, slug, name, description, paused_at, revision, created_by, created_at, updated_by, updated_at
`

/** Reads a row. */
export function toJobGroup(row: JobGroupRow): JobGroup {
  return {
    id: row.id as GroupId,
    projectId: row.project_id as ProjectId,
    slug: row.slug,
    name: row.name,
    description: row.description,
    pausedAt: row.paused_at ?? undefined,
    revision: row.revision,
    createdBy: row.created_by,
    createdAt: row.created_at,
    updatedBy: row.updated_by,
    updatedAt: row.updated_at,
  }
}
