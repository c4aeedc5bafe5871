// How a workflow is read: its head and one of its versions, in one shape for every statement that answers workflows. Within a statement
// the head is `w`, the version `v`.

import type { ProjectId, VersionId, WorkflowId } from '@strait/domain/ids'
import { sql } from 'kysely'
import type { WorkflowRecord } from '../../domain/workflows/workflow.ts'
import { requireConfig } from '../stored-config.ts'
import { fromStoredWorkflow } from './stored-workflow.ts'

/** A row as `workflowColumns` selects it, with its configuration. */
export interface WorkflowRow {
  id: string
  project_id: string
  version: number
  version_id: string
  /** Null where the whole answer would be too large. */
  config: Record<string, unknown> | null
  created_by: string
  created_at: Date
  updated_by: string
  updated_at: Date
  deleted_at: Date | null
}

/** The columns of a WorkflowRow, but for its `config`. */
export const workflowColumns = sql`
  w.id, w.project_id, w.deleted_at, v.version, v.version_id,
  w.created_by, w.created_at, v.created_by as updated_by, v.created_at as updated_at
`

/** Reads a row; refuses a question whose whole answer is too large. */
export function toWorkflowRecord(row: WorkflowRow): WorkflowRecord {
  return {
    id: row.id as WorkflowId,
    projectId: row.project_id as ProjectId,
    version: row.version,
    versionId: row.version_id as VersionId,
    config: fromStoredWorkflow(requireConfig(row.config)),
    createdBy: row.created_by,
    createdAt: row.created_at,
    updatedBy: row.updated_by,
    updatedAt: row.updated_at,
    deletedAt: row.deleted_at ?? undefined,
  }
}
