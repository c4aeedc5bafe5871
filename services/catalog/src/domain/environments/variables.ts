// The own variables of one environment, with their values. Maps and not objects: a name may be `__proto__`.

import type { EnvironmentLayer } from '@strait/domain/environment'
import { parseJson } from '@strait/domain/json/parse-json'
import type { VariableNames } from './environment-record.ts'

/** Variables of an environment, and those for single jobs. */
export type OwnVariables = EnvironmentLayer

export const noVariables: OwnVariables = Object.freeze({ variables: new Map(), jobOverrides: new Map() })

/** The names alone, in order. */
export function namesOf({ variables, jobOverrides }: OwnVariables): VariableNames {
  const slugs = [...jobOverrides].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return {
    variables: [...variables.keys()].toSorted(),
    jobOverrides: new Map(slugs.map(([slug, own]) => [slug, [...own.keys()].toSorted()])),
  }
}

/** The text that is sealed. The order of names is always the same, so equal variables have equal texts. */
export function variablesToText({ variables, jobOverrides }: OwnVariables): string {
  const slugs = [...jobOverrides].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify({
    variables: plain(variables),
    job_overrides: Object.fromEntries(slugs.map(([slug, own]) => [slug, plain(own)])),
  })
}

/** Reads what `variablesToText` wrote. */
export function variablesFromText(text: string): OwnVariables {
  // Written here and sealed since, so it is what was written.
  const stored = parseJson(text) as {
    readonly variables: Readonly<Record<string, string>>
    readonly job_overrides: Readonly<Record<string, Readonly<Record<string, string>>>>
  }
  const overrides = Object.entries(stored.job_overrides)
  return {
    variables: new Map(Object.entries(stored.variables)),
    jobOverrides: new Map(overrides.map(([slug, own]) => [slug, new Map(Object.entries(own))])),
  }
}

/** The names whose values differ, those that came and went included; `<slug>.<name>` for one job's. */
export function changedNames(before: OwnVariables, after: OwnVariables): readonly string[] {
  const [one, other] = [flat(before), flat(after)]
  const names = new Set([...one.keys(), ...other.keys()])
  return [...names].filter((name) => one.get(name) !== other.get(name)).toSorted()
}

// No slug has a dot and no name has one, so no two variables share a flat name.
function flat({ variables, jobOverrides }: OwnVariables): ReadonlyMap<string, string> {
  const ofJobs = [...jobOverrides].flatMap(([slug, own]) =>
    [...own].map(([name, value]) => [`${slug}.${name}`, value] as const),
  )
  return new Map([...variables, ...ofJobs])
}

// fromEntries makes a property of every name, `__proto__` included, and parseJson does too.
function plain(variables: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries([...variables].toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
