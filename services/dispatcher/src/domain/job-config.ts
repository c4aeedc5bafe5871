import type { RetryPolicy } from '@strait/domain/retry-delay'
import type { NotYetActing } from './not-yet-acting.ts'

/** One frozen version of a job, as far as it shapes runs. */
export interface JobConfig {
  readonly jobId: string
  readonly projectId: string
  readonly slug: string
  readonly version: number
  readonly versionId: string
  readonly endpointUrl: string
  readonly timeoutSecs: number
  readonly maxAttempts: number
  readonly retry: RetryPolicy
  readonly webhookUrl: string | undefined
  readonly defaultRunMetadata: Readonly<Record<string, string>>
  readonly tags: Readonly<Record<string, string>>
  readonly notYetActing: NotYetActing
}

/** A job as it is now, in its newest version. */
export interface LiveJob {
  readonly config: JobConfig
  readonly enabled: boolean
  /** It is being deleted, and whether it will be is decided within seconds. */
  readonly closing: boolean
}
