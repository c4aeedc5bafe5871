// What setting and removing single variables makes of those that are there.

import { checkSlug } from '@strait/domain/slug'
import type { TargetProblem } from '../jobs/check-call.ts'
import type { Problem } from '../jobs/job-input.ts'
import type { EnvironmentPatch } from './check-environment.ts'
import { checkJobOverrides, checkVariables, nameProblem, totalProblem } from './check-variables.ts'
import type { OwnVariables } from './variables.ts'

/** Variables to set and to remove, plain ones or those of one job. */
export interface VariablesToSet {
  /** Undefined for the plain ones. */
  readonly jobSlug: string | undefined
  readonly set: ReadonlyMap<string, string>
  readonly remove: readonly string[]
}

// A removal that names more than there may ever be is a mistake.
const maxRemoved = 200

/** Checks what needs no look at what is there. */
export function checkVariablesToSet(
  { jobSlug, set, remove }: VariablesToSet,
  targetProblem: TargetProblem,
): readonly Problem[] {
  const problems: Problem[] = []
  const say = (field: string, description: string) => void problems.push({ field, description })
  const slug = jobSlug === undefined ? { ok: true as const } : checkSlug(jobSlug)
  if (!slug.ok) say('job', slug.reason)
  checkVariables('set', set, targetProblem, say)
  if (remove.length > maxRemoved) {
    say('remove', `must have at most ${maxRemoved} entries, not ${remove.length}`)
    return problems
  }
  for (const [index, name] of remove.entries()) {
    const wrong = nameProblem(name)
    if (wrong !== undefined) say(`remove[${index}]`, wrong)
    else if (set.has(name)) say(`remove[${index}]`, 'is set by the same request')
    else if (remove.indexOf(name) < index) say(`remove[${index}]`, 'is there already')
  }
  return problems
}

/** Sets and removes; a name to remove that is not there, and more than there may be, is a problem. */
export function setVariables(
  before: OwnVariables,
  { jobSlug, set, remove }: VariablesToSet,
): { readonly patch: EnvironmentPatch; readonly problems: readonly Problem[] } {
  const problems: Problem[] = []
  const say = (field: string, description: string) => void problems.push({ field, description })
  const own = new Map(jobSlug === undefined ? before.variables : before.jobOverrides.get(jobSlug))
  for (const [index, name] of remove.entries())
    if (!own.delete(name)) say(`remove[${index}]`, 'names no variable that is there')
  for (const [name, value] of set) own.set(name, value)

  const jobOverrides = new Map(before.jobOverrides)
  if (jobSlug !== undefined) jobOverrides.set(jobSlug, own)
  if (jobSlug !== undefined && own.size === 0) jobOverrides.delete(jobSlug)
  const patch = jobSlug === undefined ? { variables: own } : { jobOverrides }
  // Each value was checked, now or when it was stored: only how many there are is new.
  const isRight = () => undefined
  checkVariables('set', own, isRight, say)
  checkJobOverrides('job', new Map([...jobOverrides].map(([slug]) => [slug, new Map()])), isRight, say)
  const total = totalProblem({ ...before, ...patch })
  if (total !== undefined) say('set', total)
  return { patch, problems }
}
