import { configDefaults, type JobConfig } from './job.ts'
import { sameValue } from './same-value.ts'

/** A configuration, or as much of one as there is before the first version: the defaults. */
export type AnyConfig = Partial<JobConfig>

/** The fields in which two configurations differ. */
export function changedFields(before: AnyConfig, after: JobConfig): readonly (keyof JobConfig)[] {
  const keys = new Set([...Object.keys(configDefaults), ...Object.keys(before), ...Object.keys(after)])
  return ([...keys] as (keyof JobConfig)[]).filter((key) => !sameValue(before[key], after[key]))
}
