// What is read live of what the catalog keeps, by kind: the part of a job, group, environment, project or workflow that acts on runs which are frozen
// to an older version.

import type { RateLimitKey } from '../jobs/job.ts'

interface JobHead {
  readonly kind: 'job'
  readonly id: string
  readonly projectId: string
  readonly slug: string
  readonly version: number
  readonly versionId: string
  readonly groupId: string | null
  readonly enabled: boolean
  readonly paused: boolean
  readonly deleted: boolean
  readonly closing: boolean
  readonly cancelRuns: boolean
  readonly hasCron: boolean
  readonly updatedAtMs: number
  readonly maxConcurrency: number
  readonly maxConcurrencyPerKey: number
  readonly rateLimitMax: number
  readonly rateLimitWindowSecs: number
  readonly rateLimitKeys: readonly RateLimitKey[]
  readonly versionPolicy: 'pin' | 'latest' | 'minor'
}

interface JobGroupHead {
  readonly kind: 'job_group'
  readonly id: string
  readonly projectId: string
  readonly paused: boolean
  readonly deleted: boolean
}

interface EnvironmentHead {
  readonly kind: 'environment'
  readonly id: string
  readonly projectId: string
  readonly revision: number
  readonly deleted: boolean
}

interface ProjectHead {
  readonly kind: 'project'
  readonly id: string
  readonly paused: boolean
  readonly egressAllow: readonly string[]
}

interface WorkflowHead {
  readonly kind: 'workflow'
  readonly id: string
  readonly projectId: string
  readonly slug: string
  readonly version: number
  readonly versionId: string
  readonly enabled: boolean
  readonly deleted: boolean
  readonly hasCron: boolean
  readonly updatedAtMs: number
}

/** One head, as it was read. */
export type Head = JobHead | JobGroupHead | EnvironmentHead | ProjectHead | WorkflowHead

export type HeadKind = Head['kind']
