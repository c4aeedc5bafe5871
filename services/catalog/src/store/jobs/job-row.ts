// How a job is read: its head, one of its versions and whether a secret is kept, in one shape for every statement that
// answers jobs. Within a statement the head is `j`, the version `v`, the secret `s`. What is answered at once is bounded by
// its size, which is known before a single configuration is read.
//
// A version is stored under the names of the API. One from before a field existed reads as that field's default.

import type { JobId, ProjectId, VersionId } from '@strait/domain/ids'
import { Refusal } from '@strait/service-kit/refusal'
import { sql } from 'kysely'
import { configDefaults, type JobConfig, type JobRecord } from '../../domain/jobs/job.ts'

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

// One configuration stays below 3 MiB, so a question about ten jobs always has an answer.
const maxAnswerBytes = 32 * 1024 * 1024

/** The column `config` of a statement that answers all or nothing: null in every row when all together are too large. */
export const allConfigsOrNone = sql`
  case when sum(v.config_bytes) over () <= ${maxAnswerBytes} then v.config end as config
`

/** Reads a row; refuses a question whose whole answer is too large. */
export function toJobRecord(row: JobRow): JobRecord {
  if (row.config === null) {
    const mebibytes = maxAnswerBytes / 1024 / 1024
    throw new Refusal('OVERLOADED', `the answer would be larger than ${mebibytes} MiB, ask for fewer at once`)
  }
  return {
    id: row.id as JobId,
    projectId: row.project_id as ProjectId,
    version: row.version,
    versionId: row.version_id as VersionId,
    config: fromStoredConfig(row.config),
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
  return JSON.stringify(renameKeys(config, toSnake))
}

/** A configuration as it was stored. */
export function fromStoredConfig(stored: Readonly<Record<string, unknown>>): JobConfig {
  // The checks passed when it was written; what is stored is ours alone to write.
  return { ...configDefaults, ...renameKeys(stored, toCamel) } as JobConfig
}

// Only the fields' own names, also those of what stands in a list: the keys inside a map are the user's.
function renameKeys(fields: object, rename: (key: string) => string): Record<string, unknown> {
  const renamed = (value: unknown): unknown =>
    typeof value === 'object' && value !== null ? renameKeys(value, rename) : value
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      rename(key),
      Array.isArray(value) ? value.map(renamed) : value,
    ]),
  )
}

function toSnake(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

function toCamel(key: string): string {
  return key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
