// A job as its creator gave it: what was left out is undefined, nothing is checked yet.

import type { JobConfig } from './job.ts'

/** A value as it came: enums are their lower-case word, or their number in words where the schema knows none. */
type Raw<T> = T extends string ? string : T extends readonly (infer E)[] ? readonly RawItem<E>[] : T
/** An item of a list that has fields of its own may lack any of them. */
type RawItem<E> = E extends object ? { readonly [K in keyof E]?: Raw<E[K]> | undefined } : Raw<E>

/** The fields of a configuration as they came. A list or map that was left out is undefined and not empty. */
export type JobInput = {
  readonly [K in Exclude<keyof JobConfig, 'webhookSecretRevision'>]?:
    | Raw<NonNullable<JobConfig[K]>>
    | undefined
} & {
  /** The project that the body names, if it names one. */
  readonly projectId?: string | undefined
  readonly webhookSecret?: string | undefined
}

/** One field at fault: its path as the schema names it, and why. */
export interface Problem {
  readonly field: string
  readonly description: string
}

/** Notes what is wrong with a field of the job; the field goes by its name in the schema. */
export type Say = (field: string, description: string) => void

/** A configuration as its creator would give it now. */
export function asInput(config: JobConfig): JobInput {
  // The count of secrets is the catalog's own. Whether a version is compatible is said anew with each.
  const { webhookSecretRevision: _, backwardsCompatible: __, ...kept } = config
  return kept
}
