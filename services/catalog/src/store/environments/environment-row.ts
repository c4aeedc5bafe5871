// How an environment is read, in one shape for every statement. Within a statement it is `e`.

import type { EnvironmentId, ProjectId } from '@strait/domain/ids'
import { sql } from 'kysely'
import type { EnvironmentRecord, VariableNames } from '../../domain/environments/environment-record.ts'

/** A row as `environmentColumns` selects it. */
export interface EnvironmentRow {
  id: string
  project_id: string
  slug: string
  name: string
  description: string
  parent_id: string | null
  variable_names: StoredNames
  variables_revision: number
  revision: number
  created_by: string
  created_at: Date
  updated_by: string
  updated_at: Date
}

interface StoredNames {
  readonly variables: readonly string[]
  readonly job_overrides: Readonly<Record<string, readonly string[]>>
}

/** The columns of an EnvironmentRow. */
export const environmentColumns = sql`
  e.id, e.project_id, e.slug, e.name, e.description, e.parent_id, e.variable_names, e.variables_revision, e.revision,
  e.created_by, e.created_at, e.updated_by, e.updated_at
`

/** Reads a row. */
export function toEnvironmentRecord(row: EnvironmentRow): EnvironmentRecord {
  return {
    id: row.id as EnvironmentId,
    projectId: row.project_id as ProjectId,
    name: row.name,
    slug: row.slug,
    description: row.description,
    parentId: (row.parent_id as EnvironmentId | null) ?? undefined,
    names: toNames(row.variable_names),
    variablesRevision: row.variables_revision,
    revision: row.revision,
    createdBy: row.created_by,
    createdAt: row.created_at,
    updatedBy: row.updated_by,
    updatedAt: row.updated_at,
  }
}

/** Names as they are stored. */
export function toStoredNames({ variables, jobOverrides }: VariableNames): string {
  return JSON.stringify({ variables, job_overrides: Object.fromEntries(jobOverrides) })
}

/** Names as they were stored, in order: Postgres keeps the keys of an object in an order of its own. */
export function toNames({ variables, job_overrides: overrides }: StoredNames): VariableNames {
  const slugs = Object.entries(overrides).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return { variables, jobOverrides: new Map(slugs) }
}
