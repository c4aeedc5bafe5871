// What a job is once it has been checked: every field has its value, the defaults included, under the words of the API.

import type { EnvironmentId, GroupId, JobId, ProjectId, VersionId } from '@strait/domain/ids'
import type { RetryStrategy } from '@strait/domain/retry-delay'

/** A named sliding window. */
export interface RateLimitKey {
  readonly name: string
  readonly max: number
  readonly windowSecs: number
}

/** One configuration of a job, whole: what a version freezes. What has no default is undefined where it is not set. */
export interface JobConfig {
  readonly groupId: GroupId | undefined
  readonly name: string
  readonly slug: string
  readonly description: string
  /** Undefined for a job that runs only when triggered. */
  readonly cron: string | undefined
  /** JSON text, byte for byte as it was given; so are the schema and the mapping. */
  readonly cronPayload: string
  readonly payloadSchema: string | undefined
  readonly tags: Readonly<Record<string, string>>
  readonly endpointUrl: string
  readonly fallbackEndpointUrl: string | undefined
  readonly maxAttempts: number
  readonly timeoutSecs: number
  readonly maxConcurrency: number
  readonly executionWindowCron: string | undefined
  readonly timezone: string
  readonly rateLimitMax: number
  readonly rateLimitWindowSecs: number
  readonly maxConcurrencyPerKey: number
  readonly rateLimitKeys: readonly RateLimitKey[]
  readonly defaultRunMetadata: Readonly<Record<string, string>>
  readonly dedupWindowSecs: number
  readonly enabled: boolean
  readonly webhookUrl: string | undefined
  readonly runTtlSecs: number
  readonly retryStrategy: RetryStrategy
  /** Empty unless the strategy is custom. */
  readonly retryDelaysSecs: readonly number[]
  readonly environmentId: EnvironmentId | undefined
  readonly versionPolicy: 'pin' | 'latest' | 'minor'
  /** Of this version alone: what its update said, else false. */
  readonly backwardsCompatible: boolean
  readonly onCompleteTriggerWorkflow: string | undefined
  readonly onCompletePayloadMapping: string | undefined
  readonly dstGap: 'skip' | 'shift'
  readonly dstOverlap: 'first' | 'both'
  readonly misfire: 'fire_once' | 'skip' | 'fire_all'
  /** Undefined for the gap to the next occurrence within its bounds. */
  readonly misfireMaxAgeSecs: number | undefined
  readonly overlap: 'allow' | 'skip' | 'queue_one'
  readonly windowPolicy: 'latest' | 'wait' | 'skip'
  readonly spreadSecs: number
  /** Undefined for hold where a concurrency limit is set, else retry. */
  readonly onLostAttempt: 'hold' | 'retry' | undefined
  /** Counts the secrets that the job has had; the secrets themselves are in no version. */
  readonly webhookSecretRevision: number
}

/** What a job has when its creator says nothing. Name and endpoint have no default; the slug is made from the name. */
export const configDefaults: Omit<JobConfig, 'name' | 'slug' | 'endpointUrl'> = Object.freeze({
  groupId: undefined,
  description: '',
  cron: undefined,
  cronPayload: '{}',
  payloadSchema: undefined,
  tags: Object.freeze({}),
  fallbackEndpointUrl: undefined,
  maxAttempts: 3,
  timeoutSecs: 300,
  maxConcurrency: 0,
  executionWindowCron: undefined,
  timezone: 'UTC',
  rateLimitMax: 0,
  rateLimitWindowSecs: 0,
  maxConcurrencyPerKey: 0,
  rateLimitKeys: Object.freeze([]),
  defaultRunMetadata: Object.freeze({}),
  dedupWindowSecs: 0,
  enabled: true,
  webhookUrl: undefined,
  runTtlSecs: 0,
  retryStrategy: 'exponential',
  retryDelaysSecs: Object.freeze([]),
  environmentId: undefined,
  versionPolicy: 'pin',
  backwardsCompatible: false,
  onCompleteTriggerWorkflow: undefined,
  onCompletePayloadMapping: undefined,
  dstGap: 'skip',
  dstOverlap: 'first',
  misfire: 'fire_once',
  misfireMaxAgeSecs: undefined,
  overlap: 'allow',
  windowPolicy: 'latest',
  spreadSecs: 0,
  onLostAttempt: undefined,
  webhookSecretRevision: 0,
})

/**
 * The fields that shape a call, marked V in the schema's words: a run is frozen to them. A version in which one of them differs from the
 * version before serves the runs of that one only if it says so.
 */
export const callShapingFields: ReadonlySet<keyof JobConfig> = new Set([
  'endpointUrl',
  'fallbackEndpointUrl',
  'maxAttempts',
  'timeoutSecs',
  'executionWindowCron',
  'timezone',
  'webhookUrl',
  'retryStrategy',
  'retryDelaysSecs',
  'environmentId',
  'onCompleteTriggerWorkflow',
  'onCompletePayloadMapping',
  'onLostAttempt',
])

/** What happens to a lost attempt of a job that says nothing of it. */
export function effectiveOnLostAttempt(config: JobConfig): 'hold' | 'retry' {
  const isLimited = config.maxConcurrency > 0 || config.maxConcurrencyPerKey > 0
  return config.onLostAttempt ?? (isLimited ? 'hold' : 'retry')
}

/** A job in one of its versions, with what its creator did not choose. */
export interface JobRecord {
  readonly id: JobId
  readonly projectId: ProjectId
  readonly version: number
  readonly versionId: VersionId
  readonly config: JobConfig
  /** Read live: whether a secret is kept now. */
  readonly webhookSecretSet: boolean
  /** Read live: since when the job itself is paused. */
  readonly pausedAt: Date | undefined
  /** Read live: when it was deleted. */
  readonly deletedAt: Date | undefined
  readonly createdBy: string
  readonly createdAt: Date
  /** Who wrote this version, and when. */
  readonly updatedBy: string
  readonly updatedAt: Date
}
