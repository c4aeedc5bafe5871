// The steps of a workflow: each by itself, then what they are to each other, then what their expressions read.

import { checkWord } from '../field-rules.ts'
import type { Say } from '../jobs/job-input.ts'
import { quoteShort } from '../text-rules.ts'
import { checkExpressions, type NotedText } from './check-expressions.ts'
import { ancestorsIn, type GraphNode, orderSteps } from './check-graph.ts'
import { checkWork, everywhere } from './check-work.ts'
import type { Readings } from './readings.ts'
import type { WorkflowStep } from './workflow.ts'
import type { StepInput } from './workflow-input.ts'

const maxSteps = 1_000
const maxDependencies = 100
const refForm = /^[a-z][a-z0-9_]{0,63}$/

/** Checks all steps of a workflow. Linear in steps, dependencies and texts together. */
export function checkSteps(
  steps: readonly StepInput[],
  readings: Readings,
  say: Say,
): readonly WorkflowStep[] {
  if (steps.length === 0) say('steps', 'are required: 1 to 1,000')
  if (steps.length > maxSteps) say('steps', `must be at most 1,000, not ${steps.length}`)
  const seen = steps.slice(0, maxSteps)

  const places = indexRefs(seen, say)
  const noted: NotedText[] = []
  const nodes: GraphNode[] = []
  const checked = seen.map((step, place) => {
    const at = `steps[${place}]`
    const { ref = '', dependsOn = [], condition } = step
    nodes.push({ ref, before: checkDependencies(dependsOn, { at, place, places }, say) })
    if (condition !== undefined)
      noted.push({ kind: 'expression', field: `${at}.condition`, text: condition, names: everywhere, place })
    return {
      ref,
      dependsOn,
      condition,
      onFailure: checkWord(say, `${at}.on_failure`, step.onFailure, [
        'fail_workflow',
        'skip_dependents',
        'continue',
      ]),
      does: checkWork(step.does, at, say, (kind, field, text, names) =>
        noted.push({ kind, field, text, names, place }),
      ),
    }
  })
  const order = orderSteps(nodes, say)
  // In a cycle every step comes before every other: what is read there is seen once the cycle is gone.
  const comesBefore = order === undefined ? () => true : ancestorsIn(nodes, order)
  checkExpressions(noted, readings, { places, comesBefore }, say)
  return checked
}

/** The place of each step by its ref; of a ref that stands twice the first. */
function indexRefs(steps: readonly StepInput[], say: Say): ReadonlyMap<string, number> {
  const places = new Map<string, number>()
  for (const [place, { ref = '' }] of steps.entries()) {
    const field = `steps[${place}].ref`
    const first = places.get(ref)
    if (ref === '') say(field, 'is required')
    else if (!refForm.test(ref))
      say(field, `must be a letter and up to 63 of a-z, 0-9 and _, not ${quoteShort(ref)}`)
    else if (first !== undefined) say(field, `is that of steps[${first}] too: ${ref}`)
    if (first === undefined && ref !== '') places.set(ref, place)
  }
  return places
}

interface Where {
  readonly at: string
  readonly place: number
  readonly places: ReadonlyMap<string, number>
}

/** The places of the steps that a step depends on, without those that it cannot depend on. */
function checkDependencies(
  refs: readonly string[],
  { at, place, places }: Where,
  say: Say,
): readonly number[] {
  if (refs.length > maxDependencies)
    say(`${at}.depends_on`, `must have at most ${maxDependencies} entries, not ${refs.length}`)
  const before = new Set<number>()
  for (const [nth, ref] of refs.slice(0, maxDependencies).entries()) {
    const field = `${at}.depends_on[${nth}]`
    const one = places.get(ref)
    if (one === undefined) say(field, `names no step: ${quoteShort(ref)}`)
    else if (one === place) say(field, 'names the step itself')
    else if (before.has(one)) say(field, `names the step ${ref} for the second time`)
    else before.add(one)
  }
  return [...before]
}
