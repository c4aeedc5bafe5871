import { expect, test } from 'vitest'
import { nestingProblems } from './check-nesting.ts'
import type { WorkflowStep } from './workflow.ts'

function steps(...slugs: readonly string[]): readonly WorkflowStep[] {
  return slugs.map((workflow, nth) => ({
    ref: `s${nth}`,
    dependsOn: [],
    condition: undefined,
    onFailure: 'fail_workflow',
    does: { kind: 'subWorkflow', workflow, payload: undefined },
  }))
}

/** What is wrong with a workflow in which others lie, beside others. */
function problems(
  slug: string,
  inside: readonly string[],
  others: Readonly<Record<string, readonly string[]>> = {},
) {
  return nestingProblems({ slug, steps: steps(...inside) }, new Map(Object.entries(others)), 'workflow.').map(
    ({ field, description }) => [field, description],
  )
}

/** w1 in w0, w2 in w1 …: so many within each other, the last of them empty. */
function chain(length: number, name = 'w') {
  return Object.fromEntries(
    Array.from({ length: length - 1 }, (_, nth) => [`${name}${nth}`, [`${name}${nth + 1}`]]),
  )
}

test('what is not there yet, is there twice, or meets again further down is fine', () => {
  expect(problems('a', ['missing', 'b', 'b', 'c'], { b: ['d'], c: ['d'] })).toEqual([])
})

test('a workflow does not lie in itself, and the way is told', () => {
  expect(problems('a', ['b', 'a'], { b: ['c'] })).toEqual([
    ['workflow.steps[1].sub_workflow.workflow', 'would lie in itself: a -> a'],
  ])
  expect(problems('a', ['x', 'b'], { b: ['y', 'c'], c: ['a'] })).toEqual([
    ['workflow.steps[1].sub_workflow.workflow', 'would lie in itself: a -> b -> c -> a'],
  ])
})

test('10 lie within each other and no more, counted up and down', () => {
  expect(problems('a', ['w0'], chain(9))).toEqual([])
  expect(problems('a', ['w0'], chain(10))).toEqual([
    ['workflow.steps[0].sub_workflow.workflow', 'would make more than 10 workflows lie within each other'],
  ])
  expect(problems('a', ['w0'], { ...chain(5), ...chain(4, 'up'), up3: ['a'] })).toEqual([])
  expect(problems('a', ['w0'], { ...chain(6), ...chain(4, 'up'), up3: ['a'] })).toHaveLength(1)
})

test('a project in which every workflow lies in many is looked at in a moment', { timeout: 1_000 }, () => {
  const wide = Object.fromEntries(
    Array.from({ length: 900 }, (_, nth) => {
      const level = Math.floor(nth / 100)
      const below =
        level === 8 ? ['leaf'] : Array.from({ length: 100 }, (_, one) => `n${(level + 1) * 100 + one}`)
      return [`n${nth}`, below]
    }),
  )
  const inside = Array.from({ length: 100 }, (_, nth) => `n${nth}`)
  expect(problems('a', inside, wide)).toHaveLength(20)
  expect(
    problems(
      'a',
      Array.from({ length: 100 }, (_, nth) => `n${100 + nth}`),
      wide,
    ),
  ).toEqual([])
})
