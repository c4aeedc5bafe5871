import { expect, test } from 'vitest'
import { findNotYetActing, notYetActingFields, type StoredSettings } from './not-yet-acting.ts'

const plain: StoredSettings = {
  payload_schema: undefined,
  fallback_endpoint_url: undefined,
  max_concurrency: 0,
  execution_window_cron: undefined,
  rate_limit_max: 0,
  rate_limit_window_secs: 0,
  max_concurrency_per_key: 0,
  rate_limit_keys: 0,
  dedup_window_secs: 0,
  run_ttl_secs: 0,
  environment_id: undefined,
  version_policy: 'pin',
  on_complete_trigger_workflow: undefined,
  on_complete_payload_mapping: undefined,
  on_lost_attempt: undefined,
  dst_gap: 'skip',
  dst_overlap: 'first',
  misfire: 'fire_once',
  misfire_max_age_secs: undefined,
  overlap: 'allow',
  window_policy: 'latest',
  spread_secs: 0,
}

test('a job with nothing but what happens anyway has nothing that does not act', () => {
  expect(findNotYetActing(plain)).toEqual({ always: [], byCron: [] })
  expect(findNotYetActing({ ...plain, on_lost_attempt: 'retry' })).toEqual({ always: [], byCron: [] })
})

test.each([
  ['payload_schema', '{}'],
  ['fallback_endpoint_url', 'https://example.com/'],
  ['max_concurrency', 1],
  ['execution_window_cron', '* 9-16 * * *'],
  ['rate_limit_max', 10],
  ['rate_limit_window_secs', 60],
  ['max_concurrency_per_key', 1],
  ['rate_limit_keys', 1],
  ['dedup_window_secs', 1],
  ['run_ttl_secs', 1],
  ['environment_id', '01890000-0000-7000-8000-000000000001'],
  ['version_policy', 'latest'],
  ['version_policy', 'minor'],
  ['on_complete_trigger_workflow', 'next'],
  ['on_complete_payload_mapping', '{}'],
  ['on_lost_attempt', 'hold'],
] as const)('%s set to %j does not act for any run', (field, value) => {
  expect(findNotYetActing({ ...plain, [field]: value })).toEqual({ always: [field], byCron: [] })
})

test.each([
  ['dst_gap', 'shift'],
  ['dst_overlap', 'both'],
  ['misfire', 'skip'],
  ['misfire', 'fire_all'],
  ['misfire_max_age_secs', 0],
  ['overlap', 'skip'],
  ['overlap', 'queue_one'],
  ['window_policy', 'wait'],
  ['window_policy', 'skip'],
  ['spread_secs', 1],
] as const)('%s set to %j does not act for runs of a cron, and is no matter to others', (field, value) => {
  expect(findNotYetActing({ ...plain, [field]: value })).toEqual({ always: [], byCron: [field] })
})

test.each(['max_concurrency', 'max_concurrency_per_key'] as const)(
  'a hold that %s brings with it is not named beside it, another value is',
  (limit) => {
    const always = (on_lost_attempt: string) =>
      findNotYetActing({ ...plain, [limit]: 1, on_lost_attempt }).always
    expect(always('hold')).toEqual([limit])
    expect(always('9')).toEqual([limit, 'on_lost_attempt'])
  },
)

test('everything that does not act is named at once', () => {
  const { always } = findNotYetActing({ ...plain, max_concurrency: 2, run_ttl_secs: 5 })
  expect(always).toEqual(['max_concurrency', 'run_ttl_secs'])
  expect(notYetActingFields.toSorted()).toEqual(Object.keys(plain).toSorted())
})
