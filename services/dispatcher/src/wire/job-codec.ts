// A version of a job from its message. The message is kept by whoever keeps versions, and what was made of it stays with it, so that the hot
// path translates each version once.

import {
  DstGap,
  DstOverlap,
  type Job,
  MisfirePolicy,
  OnLostAttempt,
  OverlapPolicy,
  RetryStrategy,
  VersionPolicy,
  WindowPolicy,
} from '@strait/contracts/catalog/v1/job_pb'
import type { RetryPolicy } from '@strait/domain/retry-delay'
import type { JobConfig } from '../domain/job-config.ts'
import { findNotYetActing, type StoredSettings } from '../domain/not-yet-acting.ts'

const made = new WeakMap<Job, JobConfig>()

/** What shapes runs, out of a version as the catalog tells it. */
export function toJobConfig(job: Job): JobConfig {
  const known = made.get(job)
  if (known !== undefined) return known
  const config: JobConfig = {
    jobId: job.id,
    projectId: job.projectId,
    slug: job.slug ?? '',
    version: job.version,
    versionId: job.versionId,
    endpointUrl: job.endpointUrl,
    timeoutSecs: job.timeoutSecs ?? 300,
    maxAttempts: job.maxAttempts ?? 3,
    retry: { strategy: strategies[job.retryStrategy], delaysSecs: job.retryDelaysSecs },
    webhookUrl: job.webhookUrl,
    defaultRunMetadata: job.defaultRunMetadata,
    tags: job.tags,
    notYetActing: findNotYetActing(toSettings(job), templates(job)),
  }
  made.set(job, config)
  return config
}

/** The URLs in which a variable of an environment stands. */
function templates({ endpointUrl, webhookUrl = '' }: Job): readonly string[] {
  const urls = { endpoint_url: endpointUrl, webhook_url: webhookUrl }
  return Object.entries(urls).flatMap(([field, url]) => (url.includes('{{') ? [field] : []))
}

function toSettings(job: Job): StoredSettings {
  return {
    payload_schema: job.payloadSchema || undefined,
    fallback_endpoint_url: job.fallbackEndpointUrl || undefined,
    max_concurrency: job.maxConcurrency ?? 0,
    execution_window_cron: job.executionWindowCron || undefined,
    rate_limit_max: job.rateLimitMax ?? 0,
    rate_limit_window_secs: job.rateLimitWindowSecs ?? 0,
    max_concurrency_per_key: job.maxConcurrencyPerKey ?? 0,
    rate_limit_keys: job.rateLimitKeys.length,
    dedup_window_secs: job.dedupWindowSecs ?? 0,
    run_ttl_secs: job.runTtlSecs ?? 0,
    environment_id: job.environmentId || undefined,
    version_policy: word(VersionPolicy, job.versionPolicy, 'pin'),
    on_complete_trigger_workflow: job.onCompleteTriggerWorkflow || undefined,
    on_complete_payload_mapping: job.onCompletePayloadMapping || undefined,
    on_lost_attempt: word(OnLostAttempt, job.onLostAttempt, undefined),
    dst_gap: word(DstGap, job.dstGap, 'skip'),
    dst_overlap: word(DstOverlap, job.dstOverlap, 'first'),
    misfire: word(MisfirePolicy, job.misfire, 'fire_once'),
    misfire_max_age_secs: job.misfireMaxAgeSecs,
    overlap: word(OverlapPolicy, job.overlap, 'allow'),
    window_policy: word(WindowPolicy, job.windowPolicy, 'latest'),
    spread_secs: job.spreadSecs ?? 0,
  }
}

/** The word of the API for a value; 0 stands for the default, and a value of a newer schema for itself, which acts nowhere here. */
function word(
  names: Readonly<Record<number, string>>,
  value: number,
  unset: string | undefined,
): string | undefined {
  return value === 0 ? unset : (names[value]?.toLowerCase() ?? String(value))
}

const strategies: Readonly<Record<RetryStrategy, RetryPolicy['strategy']>> = {
  [RetryStrategy.UNSPECIFIED]: 'exponential',
  [RetryStrategy.EXPONENTIAL]: 'exponential',
  [RetryStrategy.LINEAR]: 'linear',
  [RetryStrategy.FIXED]: 'fixed',
  [RetryStrategy.CUSTOM]: 'custom',
}
