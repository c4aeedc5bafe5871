import { configDefaults, type JobConfig } from './job.ts'
import { sameValue } from './same-value.ts'

/** The fields in which two configurations differ. */
export function changedFields(before: JobConfig, after: JobConfig): readonly (keyof JobConfig)[] {
  const keys = new Set([...Object.keys(configDefaults), ...Object.keys(before), ...Object.keys(after)])
  return ([...keys] as (keyof JobConfig)[]).filter((key) => !sameValue(before[key], after[key]))
}
