// The catalog's tables as Kysely sees them; migrations/ says what they mean. Row types do not leave store/.

import type { ColumnType, Generated, GeneratedAlways } from 'kysely'

export interface Tables {
  projects: {
    id: string
    slug: string
    name: string
    data_key: Buffer
    created_at: Generated<Date>
  }
  api_keys: {
    id: string
    project_id: string
    secret_hash: Buffer
    name: string
    scopes: string[]
    expires_at: Date | null
    revoked_at: Date | null
    previous_secret_hash: Buffer | null
    previous_secret_expires_at: Date | null
    revision: Generated<number>
    created_by: string
    created_at: Generated<Date>
    updated_by: string
    updated_at: Generated<Date>
  }
  jobs: {
    id: string
    project_id: string
    slug: string
    name: string
    cron: string | null
    version: number
    changed: Generated<string>
    created_by: string
    created_at: Generated<Date>
  }
  job_versions: {
    job_id: string
    version: number
    version_id: string
    config: ColumnType<Record<string, unknown>, string, never>
    config_bytes: GeneratedAlways<number>
    created_by: string
    created_at: Generated<Date>
  }
  job_secrets: {
    job_id: string
    webhook_secret: Buffer
  }
}
