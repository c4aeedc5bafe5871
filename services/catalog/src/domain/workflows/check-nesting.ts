// Which workflows lie in which: none in itself, and at most 10 within each other. A sub-workflow is named by its slug and need not be there
// yet; one that is not there counts as one in which no other lies. So a save can break the rule only if other workflows lie in the one that
// is saved, or its slug is one that others name; both are seen here, by looking down from it and up from it.

import { gatherProblems } from '../field-rules.ts'
import type { Problem } from '../jobs/job-input.ts'
import type { WorkflowConfig } from './workflow.ts'

/** Each workflow of the project in which others lie, by its slug: the slugs of those. The one that is saved is not among them. */
export type Nesting = ReadonlyMap<string, readonly string[]>

const deepest = 10
const maxProblems = 20

/** Says what is wrong with the sub-workflows of a workflow, as the project is otherwise. */
export function nestingProblems(
  { slug, steps }: Pick<WorkflowConfig, 'slug' | 'steps'>,
  others: Nesting,
  prefix: string,
): readonly Problem[] {
  const { problems, say } = gatherProblems(prefix, maxProblems)
  const outside = reverse(others)
  const around = reachedFrom(slug, outside)
  const levelsAbove = levelsFrom(slug, outside)
  const levelsBelow = new Map<string, number>()
  for (const [place, { does }] of steps.entries()) {
    if (does.kind !== 'subWorkflow' || problems.length === maxProblems) continue
    const { workflow } = does
    const field = `steps[${place}].sub_workflow.workflow`
    if (around.has(workflow)) {
      // Its way up to the saved one, read backwards, is the way down from there to itself.
      const way = trace(workflow, around).reverse()
      say(field, `would lie in itself: ${[slug, ...way].join(' -> ')}`)
    } else if (levelsAbove + levelsFrom(workflow, others, levelsBelow) > deepest) {
      say(field, `would make more than ${deepest} workflows lie within each other`)
    }
  }
  return problems
}

/** Everything that is reached from one workflow on, itself included, each with the one that it was reached from. */
function reachedFrom(from: string, next: Nesting): ReadonlyMap<string, string | undefined> {
  const reached = new Map<string, string | undefined>([[from, undefined]])
  // The map grows while it is walked.
  for (const slug of reached.keys())
    for (const one of next.get(slug) ?? []) if (!reached.has(one)) reached.set(one, slug)
  return reached
}

function trace(to: string, reached: ReadonlyMap<string, string | undefined>): string[] {
  const way: string[] = []
  for (let slug: string | undefined = to; slug !== undefined; slug = reached.get(slug)) way.unshift(slug)
  return way
}

/**
 * How many workflows lie within each other at most from one on, itself included. Counting stops where it is too many, so it goes no deeper
 * than that; what is counted to the end is remembered, so each workflow is counted once.
 */
function levelsFrom(slug: string, next: Nesting, known = new Map<string, number>(), left = deepest): number {
  const before = known.get(slug)
  if (before !== undefined) return before
  if (left === 0) return deepest + 1
  let levels = 0
  for (const one of next.get(slug) ?? []) {
    levels = Math.max(levels, levelsFrom(one, next, known, left - 1))
    if (levels > deepest) return levels
  }
  known.set(slug, levels + 1)
  return levels + 1
}

/** In which workflows each lies. */
function reverse(nesting: Nesting): Nesting {
  const around = new Map<string, string[]>()
  for (const [slug, inside] of nesting)
    for (const one of inside) {
      const known = around.get(one)
      if (known === undefined) around.set(one, [slug])
      else known.push(slug)
    }
  return around
}
