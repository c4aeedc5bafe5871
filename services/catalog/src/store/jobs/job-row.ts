// How a job is read: its head, one of its versions and whether a secret is kept, in one shape for every statement that
// answers jobs. Within a statement the head is `j`, the version `v`, the secret `s`.
//
// A version is stored under the names of the API. One from before a field existed reads as that field's default.

import type { JobId, ProjectId, VersionId } from '@strait/domain/ids'
import { sql } from 'kysely'
import { configDefaults, type JobConfig, type JobRecord } from '../../domain/jobs/job.ts'
import { fromStoredFields, requireConfig, toStoredFields } from '../stored-config.ts'

/** A row as `jobColumns` selects it. */
export interface JobRow {
  id: string
  project_id: string
  version: number
  version_id: string
  /** Null where the whole answer would be too large. */
  config: Record<string, unknown> | null
  webhook_secret_set: boolean
  paused_at: Date | null
  deleted_at: Date | null
  created_by: string
  created_at: Date
  updated_by: string
  updated_at: Date
}

/** The columns of a JobRow, but for its `config`. */
export const jobColumns = sql`
  j.id, j.project_id, j.paused_at, j.deleted_at, v.version, v.version_id, s.job_id is not null as webhook_secret_set,
  j.created_by, j.created_at, v.created_by as updated_by, v.created_at as updated_at
`

/** Reads a row; refuses a question whose whole answer is too large. */
export function toJobRecord(row: JobRow): JobRecord {
  return {
    id: row.id as JobId,
    projectId: row.project_id as ProjectId,
    version: row.version,
    versionId: row.version_id as VersionId,
    config: fromStoredConfig(requireConfig(row.config)),
    webhookSecretSet: row.webhook_secret_set,
    pausedAt: row.paused_at ?? undefined,
    deletedAt: row.deleted_at ?? undefined,
    createdBy: row.created_by,
    createdAt: row.created_at,
    updatedBy: row.updated_by,
    updatedAt: row.updated_at,
  }
}

/** A configuration as it is stored. */
export function toStoredConfig(config: JobConfig): string {
  return JSON.stringify(toStoredFields(config))
}

/** A configuration as it was stored. */
export function fromStoredConfig(stored: Readonly<Record<string, unknown>>): JobConfig {
  // The checks passed when it was written; what is stored is ours alone to write.
  return { ...configDefaults, ...fromStoredFields(stored) } as JobConfig
}
