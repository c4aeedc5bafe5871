// The fields of a job that do not act yet, in one list that shrinks until it is empty. What is set and does not act is
// refused: a job that silently does something else than it says is the worst answer.

import type { GivenValue, Problem } from './job-input.ts'

/**
 * Field → the values that are accepted, because they are what happens anyway; the first is shown in answers. Any other
 * value is refused with NOT_YET_SUPPORTED.
 */
export const notYetSupported: Readonly<Record<string, readonly (string | number | boolean)[]>> = {
  group_id: [],
  payload_schema: [],
  tags: [],
  fallback_endpoint_url: [],
  max_concurrency: [0],
  execution_window_cron: [],
  rate_limit_max: [0],
  rate_limit_window_secs: [0],
  max_concurrency_per_key: [0],
  rate_limit_keys: [],
  dedup_window_secs: [0],
  enabled: [true],
  run_ttl_secs: [0],
  environment_id: [],
  version_policy: ['pin'],
  backwards_compatible: [false],
  on_complete_trigger_workflow: [],
  on_complete_payload_mapping: [],
  dst_gap: ['skip'],
  dst_overlap: ['first'],
  misfire: ['fire_once'],
  misfire_max_age_secs: [],
  overlap: ['allow'],
  window_policy: ['latest'],
  spread_secs: [0],
  on_lost_attempt: ['retry'],
}

/** The fields that act: each is checked, stored and read by somebody. */
export const actingFields: ReadonlySet<string> = new Set([
  'name',
  'slug',
  'description',
  'cron',
  'cron_payload',
  'endpoint_url',
  'max_attempts',
  'timeout_secs',
  'timezone',
  'default_run_metadata',
  'webhook_url',
  'webhook_secret',
  'retry_strategy',
  'retry_delays_secs',
])

/** The fields that the catalog fills in; what a creator puts there is ignored, save another project's id. */
export const outputOnlyFields: ReadonlySet<string> = new Set([
  'id',
  'project_id',
  'webhook_secret_set',
  'version',
  'version_id',
  'created_by',
  'updated_by',
  'created_at',
  'updated_at',
])

/** Names every given field that neither acts nor is given as it happens anyway; a field in no list is one of them. */
export function findNotYetSupported(given: ReadonlyMap<string, GivenValue>): readonly Problem[] {
  return Array.from(given)
    .filter(
      ([field, value]) =>
        !actingFields.has(field) && !outputOnlyFields.has(field) && !happensAnyway(field, value),
    )
    .map(([field]) => ({ field: `job.${field}`, description: describe(field) }))
}

function happensAnyway(field: string, value: GivenValue): boolean {
  return value !== undefined && (notYetSupported[field]?.includes(value) ?? false)
}

function describe(field: string): string {
  const accepted = notYetSupported[field] ?? []
  const only = accepted.length === 0 ? 'leave it out' : `only ${accepted.join(' or ')} is accepted`
  return `does not act yet; ${only}`
}
