// What a job is once it has been checked: every field has its value, the defaults included, under the words of the API.

import type { JobId, ProjectId, VersionId } from '@strait/domain/ids'
import type { RetryStrategy } from '@strait/domain/retry-delay'

/** One configuration of a job, whole: what a version freezes. */
export interface JobConfig {
  readonly name: string
  readonly slug: string
  readonly description: string
  /** Undefined for a job that runs only when triggered. */
  readonly cron: string | undefined
  /** JSON text, byte for byte as it was given. */
  readonly cronPayload: string
  readonly timezone: string
  readonly endpointUrl: string
  readonly maxAttempts: number
  readonly timeoutSecs: number
  readonly defaultRunMetadata: Readonly<Record<string, string>>
  readonly webhookUrl: string | undefined
  readonly retryStrategy: RetryStrategy
  /** Empty unless the strategy is custom. */
  readonly retryDelaysSecs: readonly number[]
}

/** What a job has when its creator says nothing. Name and endpoint have no default; the slug is made from the name. */
export const configDefaults: Omit<JobConfig, 'name' | 'slug' | 'endpointUrl'> = Object.freeze({
  description: '',
  cron: undefined,
  cronPayload: '{}',
  timezone: 'UTC',
  maxAttempts: 3,
  timeoutSecs: 300,
  defaultRunMetadata: Object.freeze({}),
  webhookUrl: undefined,
  retryStrategy: 'exponential',
  retryDelaysSecs: Object.freeze([]),
})

/** A job in one of its versions, with what its creator did not choose. */
export interface JobRecord {
  readonly id: JobId
  readonly projectId: ProjectId
  readonly version: number
  readonly versionId: VersionId
  readonly config: JobConfig
  /** Read live: whether a secret is kept now. */
  readonly webhookSecretSet: boolean
  readonly createdBy: string
  readonly createdAt: Date
  /** Who wrote this version, and when. */
  readonly updatedBy: string
  readonly updatedAt: Date
}
