// Where heads come from: one entry for each kind, in the shape that every statement about heads puts together.
//
// A head is read as one JSON value, so that rows of different kinds lie in one column of one statement, read in one snapshot. Within `head`
// the row is `h`. `weight` is what reading it costs in bytes: a job's live fields stand in its newest configuration, which has to be
// unpacked whole.
//
// The newest version is asked for by its order, which only one index has: by equality the planner may take an index on the job alone and read
// all versions that the job ever had.

import { type RawBuilder, sql } from 'kysely'
import type { HeadKind } from '../../domain/heads/head.ts'

/** One kind of head. */
export interface HeadSource {
  readonly kind: HeadKind
  readonly table: 'jobs' | 'job_groups' | 'environments' | 'projects' | 'workflows'
  /** Whether its rows know of deletion. */
  readonly isDeletable: boolean
  readonly head: RawBuilder<unknown>
  readonly weight: RawBuilder<unknown>
}

const smallWeight = sql`500`

export const headSources: readonly HeadSource[] = [
  {
    kind: 'job',
    table: 'jobs',
    isDeletable: true,
    head: sql`
      select json_build_object(
        'projectId', h.project_id, 'slug', h.slug, 'version', h.version, 'versionId', v.version_id,
        'groupId', h.group_id, 'enabled', h.enabled, 'paused', h.paused_at is not null, 'deleted', h.deleted_at is not null,
        'closing', coalesce(h.closing_at > now() - interval '1 minute', false), 'cancelRuns', h.cancel_runs,
        'hasCron', h.cron is not null, 'updatedAtMs', floor(extract(epoch from v.created_at) * 1000)::bigint,
        'live', to_json(live)
      )
      from jobs as h
      cross join lateral (
        select version_id, created_at, config from job_versions
        where job_id = h.id and version <= h.version order by version desc limit 1
      ) as v
      cross join lateral jsonb_to_record(v.config) as live (
        max_concurrency int4, max_concurrency_per_key int4, rate_limit_max int4, rate_limit_window_secs int4,
        rate_limit_keys jsonb, version_policy text
      )
      where h.id = found.id
    `,
    weight: sql`
      select v.config_bytes + 500 from jobs as h
      cross join lateral (
        select config_bytes from job_versions
        where job_id = h.id and version <= h.version order by version desc limit 1
      ) as v
      where h.id = found.id
    `,
  },
  {
    kind: 'job_group',
    table: 'job_groups',
    isDeletable: true,
    head: sql`
      select json_build_object(
        'projectId', h.project_id, 'paused', h.paused_at is not null, 'deleted', h.deleted_at is not null
      )
      from job_groups as h where h.id = found.id
    `,
    weight: smallWeight,
  },
  {
    kind: 'environment',
    table: 'environments',
    isDeletable: true,
    head: sql`
      select json_build_object(
        'projectId', h.project_id, 'revision', h.variables_revision, 'deleted', h.deleted_at is not null
      )
      from environments as h where h.id = found.id
    `,
    weight: smallWeight,
  },
  {
    kind: 'project',
    table: 'projects',
    isDeletable: false,
    head: sql`
      select json_build_object('paused', h.paused_at is not null, 'egressAllow', to_json(h.egress_allow))
      from projects as h where h.id = found.id
    `,
    weight: smallWeight,
  },
  {
    kind: 'workflow',
    table: 'workflows',
    isDeletable: true,
    head: sql`
      select json_build_object(
        'projectId', h.project_id, 'slug', h.slug, 'version', h.version, 'versionId', v.version_id, 'enabled', h.enabled,
        'deleted', h.deleted_at is not null, 'hasCron', h.cron is not null,
        'updatedAtMs', floor(extract(epoch from v.created_at) * 1000)::bigint
      )
      from workflows as h
      cross join lateral (
        select version_id, created_at from workflow_versions
        where workflow_id = h.id and version <= h.version order by version desc limit 1
      ) as v
      where h.id = found.id
    `,
    weight: smallWeight,
  },
]
