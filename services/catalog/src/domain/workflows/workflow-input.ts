// A workflow as its creator gave it: what was left out is undefined, nothing is checked yet. Enums are their lower-case word, or their
// number in words where the schema knows none.

import type { ScheduleInput } from '../check-schedule.ts'

/** A run of a job, as it came. */
export interface JobCallInput {
  readonly job?: string | undefined
  readonly payload?: string | undefined
  readonly maxAttempts?: number | undefined
  readonly timeoutSecs?: number | undefined
  readonly concurrencyKey?: string | undefined
}

/** What a step does, as it came. */
export type StepWorkInput =
  | ({ readonly kind: 'job' } & JobCallInput)
  | {
      readonly kind: 'approval'
      readonly message?: string | undefined
      readonly timeoutSecs?: number | undefined
    }
  | {
      readonly kind: 'waitForEvent'
      readonly event?: string | undefined
      readonly timeoutSecs?: number | undefined
    }
  | { readonly kind: 'sleep'; readonly durationSecs?: number | undefined }
  | {
      readonly kind: 'subWorkflow'
      readonly workflow?: string | undefined
      readonly payload?: string | undefined
    }
  | {
      readonly kind: 'forEach'
      readonly items?: string | undefined
      readonly maxItems?: number | undefined
      readonly maxParallel?: number | undefined
      readonly job?: JobCallInput | undefined
    }

/** One step, as it came. */
export interface StepInput {
  readonly ref?: string | undefined
  readonly dependsOn?: readonly string[] | undefined
  readonly condition?: string | undefined
  readonly onFailure?: string | undefined
  /** Undefined when nothing is set. */
  readonly does?: StepWorkInput | undefined
}

/** The fields of a workflow as they came. */
export interface WorkflowInput extends ScheduleInput {
  /** The project that the body names, if it names one. */
  readonly projectId?: string | undefined
  readonly name?: string | undefined
  readonly slug?: string | undefined
  readonly description?: string | undefined
  readonly tags?: Readonly<Record<string, string>> | undefined
  readonly steps?: readonly StepInput[] | undefined
  readonly enabled?: boolean | undefined
  readonly timeoutSecs?: number | undefined
  readonly maxConcurrentRuns?: number | undefined
  readonly maxParallelSteps?: number | undefined
}
