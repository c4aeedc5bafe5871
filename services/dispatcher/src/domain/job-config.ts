import type { RetryPolicy } from '@strait/domain/retry-delay'

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
}
