// How a project is read, in one shape for every statement. Its data key is not among the columns.

import type { ProjectId } from '@strait/domain/ids'
import { sql } from 'kysely'
import type { Project } from '../../domain/projects/project.ts'

/** The constraint that decides who gets a slug. */
export const projectSlugs = 'project_slugs_are_unique'

/** A row as `projectColumns` selects it. */
export interface ProjectRow {
  id: string
  slug: string
  name: string
  egress_allow: string[]
  paused_at: Date | null
  revision: number
  created_by: string
  created_at: Date
  updated_by: string
  updated_at: Date
}

/** The columns of a ProjectRow. */
export const projectColumns = sql`
  id, slug, name, egress_allow, paused_at, revision, created_by, created_at, updated_by, updated_at
`

/** Reads a row. */
export function toProject(row: ProjectRow): Project {
  return {
    id: row.id as ProjectId,
    slug: row.slug,
    name: row.name,
    egressAllow: row.egress_allow,
    pausedAt: row.paused_at ?? undefined,
    revision: row.revision,
    createdBy: row.created_by,
    createdAt: row.created_at,
    updatedBy: row.updated_by,
    updatedAt: row.updated_at,
  }
}
