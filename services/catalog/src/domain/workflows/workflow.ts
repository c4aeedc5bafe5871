// What a workflow is once it has been checked: every field has its value, the defaults included, under the words of the API.

import type { ProjectId, VersionId, WorkflowId } from '@strait/domain/ids'

/** A run of a job, as a step asks for it. What is undefined is the job's own, or of the payload the workflow's. */
export interface JobCall {
  /** Slug of the job, which need not be there yet. */
  readonly job: string
  /** JSON text of a template, byte for byte as it was given. */
  readonly payload: string | undefined
  readonly maxAttempts: number | undefined
  readonly timeoutSecs: number | undefined
  /** A CEL expression. */
  readonly concurrencyKey: string | undefined
}

/** What a step does. The kinds are the names of the fields in the schema. */
export type StepWork =
  | ({ readonly kind: 'job' } & JobCall)
  | { readonly kind: 'approval'; readonly message: string; readonly timeoutSecs: number | undefined }
  | { readonly kind: 'waitForEvent'; readonly event: string; readonly timeoutSecs: number | undefined }
  | { readonly kind: 'sleep'; readonly durationSecs: number }
  | { readonly kind: 'subWorkflow'; readonly workflow: string; readonly payload: string | undefined }
  | {
      readonly kind: 'forEach'
      /** A CEL expression. */
      readonly items: string
      readonly maxItems: number
      readonly maxParallel: number
      readonly job: JobCall
    }

/** What the failure of a step means for the others. */
export type OnStepFailure = 'fail_workflow' | 'skip_dependents' | 'continue'

/** One step. */
export interface WorkflowStep {
  readonly ref: string
  /** The steps that come before, each once. */
  readonly dependsOn: readonly string[]
  /** A CEL expression. */
  readonly condition: string | undefined
  readonly onFailure: OnStepFailure
  readonly does: StepWork
}

/** One configuration of a workflow, whole: what a version freezes. What has no default is undefined where it is not set. */
export interface WorkflowConfig {
  readonly name: string
  readonly slug: string
  readonly description: string
  readonly tags: Readonly<Record<string, string>>
  readonly steps: readonly WorkflowStep[]
  readonly enabled: boolean
  readonly timeoutSecs: number
  readonly maxConcurrentRuns: number
  readonly maxParallelSteps: number
  /** Undefined for a workflow that is only started. */
  readonly cron: string | undefined
  /** JSON text, byte for byte as it was given. */
  readonly cronPayload: string
  readonly timezone: string
  readonly dstGap: 'skip' | 'shift'
  readonly dstOverlap: 'first' | 'both'
  readonly misfire: 'fire_once' | 'skip' | 'fire_all'
  /** Undefined for the gap to the next occurrence within its bounds. */
  readonly misfireMaxAgeSecs: number | undefined
  readonly overlap: 'allow' | 'skip' | 'queue_one'
  readonly spreadSecs: number
}

/** What a workflow has when its creator says nothing. Name and steps have no default; the slug is made from the name. */
export const workflowDefaults: Omit<WorkflowConfig, 'name' | 'slug' | 'steps'> = Object.freeze({
  description: '',
  tags: Object.freeze({}),
  enabled: true,
  timeoutSecs: 604_800,
  maxConcurrentRuns: 0,
  maxParallelSteps: 0,
  cron: undefined,
  cronPayload: '{}',
  timezone: 'UTC',
  dstGap: 'skip',
  dstOverlap: 'first',
  misfire: 'fire_once',
  misfireMaxAgeSecs: undefined,
  overlap: 'allow',
  spreadSecs: 0,
})

/** The slugs of the workflows that run inside of one, each once. */
export function subWorkflowsOf({ steps }: Pick<WorkflowConfig, 'steps'>): readonly string[] {
  const slugs = steps.flatMap(({ does }) => (does.kind === 'subWorkflow' ? [does.workflow] : []))
  return [...new Set(slugs)]
}

/** A workflow in one of its versions, with what its creator did not choose. */
export interface WorkflowRecord {
  readonly id: WorkflowId
  readonly projectId: ProjectId
  readonly version: number
  readonly versionId: VersionId
  readonly config: WorkflowConfig
  readonly createdBy: string
  readonly createdAt: Date
  /** Who wrote this version, and when. */
  readonly updatedBy: string
  readonly updatedAt: Date
  /** Read live: when it was deleted. */
  readonly deletedAt: Date | undefined
}
