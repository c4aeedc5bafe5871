// Which variables hold in an environment, and where each comes from: the rules of libs/domain/src/environment.ts, on names alone, so
// that no value is opened for it.

import type { VariableNames } from './environment-record.ts'

/** An environment of a line, as far as its names go. */
export interface NamedLayer {
  readonly id: string
  readonly names: VariableNames
}

/** A variable that holds. */
export interface EffectiveName {
  readonly name: string
  readonly environmentId: string
  readonly jobOverride: boolean
}

/** The variables that hold at the end of a line, the root first; for one job, or for none. */
export function effectiveNames(
  line: readonly NamedLayer[],
  jobSlug: string | undefined,
): readonly EffectiveName[] {
  const holding = new Map<string, EffectiveName>()
  for (const { id, names } of line)
    for (const name of names.variables) holding.set(name, { name, environmentId: id, jobOverride: false })
  for (const { id, names } of line)
    for (const name of (jobSlug === undefined ? undefined : names.jobOverrides.get(jobSlug)) ?? [])
      holding.set(name, { name, environmentId: id, jobOverride: true })
  return [...holding.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))
}
