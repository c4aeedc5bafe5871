// The catalog's tables as Kysely sees them; migrations/ says what they mean. Row types do not leave store/.

import type { ColumnType, Generated, GeneratedAlways } from 'kysely'

export interface Tables {
  projects: {
    id: string
    slug: string
    name: string
    data_key: Buffer
    egress_allow: Generated<string[]>
    paused_at: Date | null
    revision: Generated<number>
    changed: Generated<string>
    created_by: string
    created_at: Generated<Date>
    updated_by: string
    updated_at: Generated<Date>
  }
  job_groups: {
    id: string
    project_id: string
    slug: string
    name: string
    description: string
    paused_at: Date | null
    deleted_at: Date | null
    revision: Generated<number>
    changed: Generated<string>
    created_by: string
    created_at: Generated<Date>
    updated_by: string
    updated_at: Generated<Date>
  }
  environments: {
    id: string
    project_id: string
    slug: string
    name: string
    description: string
    parent_id: string | null
    sealed_variables: Buffer | null
    variable_names: ColumnType<Record<string, unknown>, string, string>
    deleted_at: Date | null
    variables_revision: Generated<number>
    revision: Generated<number>
    changed: Generated<string>
    created_by: string
    created_at: Generated<Date>
    updated_by: string
    updated_at: Generated<Date>
  }
  audit_events: {
    id: string
    project_id: string
    at: Generated<Date>
    actor: string
    action: string
    resource_type: string
    resource_id: string
    before: string | null
    after: string | null
    written: Generated<string>
    position: string | null
    previous_hash: Buffer | null
    hash: Buffer | null
  }
  api_keys: {
    id: string
    /** Null for a key of the deployment. */
    project_id: string | null
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
    description: Generated<string>
    group_id: string | null
    environment_id: string | null
    enabled: Generated<boolean>
    tags: ColumnType<Record<string, string>, string | undefined, string>
    version: number
    paused_at: Date | null
    deleted_at: Date | null
    cancel_runs: Generated<boolean>
    closing_at: Date | null
    changed: Generated<string>
    created_by: string
    created_at: Generated<Date>
    updated_at: Generated<Date>
  }
  job_versions: {
    job_id: string
    version: number
    version_id: string
    config: ColumnType<Record<string, unknown>, string, never>
    config_bytes: GeneratedAlways<number>
    compatible: Generated<boolean>
    created_by: string
    created_at: Generated<Date>
  }
  job_secrets: {
    job_id: string
    webhook_secret: Buffer
    previous_webhook_secret: Buffer | null
    previous_expires_at: Date | null
  }
  workflows: {
    id: string
    project_id: string
    slug: string
    name: string
    description: string
    searched: string
    tags: ColumnType<Record<string, string>, string, string>
    enabled: boolean
    cron: string | null
    sub_workflows: string[]
    version: number
    deleted_at: Date | null
    changed: Generated<string>
    created_by: string
    created_at: Generated<Date>
    updated_at: Generated<Date>
  }
  workflow_versions: {
    workflow_id: string
    version: number
    version_id: string
    config: ColumnType<Record<string, unknown>, string, never>
    config_bytes: GeneratedAlways<number>
    created_by: string
    created_at: Generated<Date>
  }
}
