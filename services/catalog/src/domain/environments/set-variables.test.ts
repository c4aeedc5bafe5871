import { expect, test } from 'vitest'
import { checkVariablesToSet, setVariables, type VariablesToSet } from './set-variables.ts'
import type { OwnVariables } from './variables.ts'

const before: OwnVariables = {
  variables: new Map([
    ['A', '1'],
    ['B', '2'],
  ]),
  jobOverrides: new Map([['job', new Map([['C', '3']])]]),
}

const request = (over: Partial<VariablesToSet>): VariablesToSet => ({
  jobSlug: undefined,
  set: new Map(),
  remove: [],
  ...over,
})

test('variables are set and removed, and the others stay', () => {
  const { patch, problems } = setVariables(before, request({ set: new Map([['B', 'x']]), remove: ['A'] }))
  expect(problems).toEqual([])
  expect(patch).toEqual({ variables: new Map([['B', 'x']]) })
  expect(before.variables.get('B')).toBe('2')
})

test('those of one job too, and a job that has none left is not kept', () => {
  const set = setVariables(before, request({ jobSlug: 'new', set: new Map([['D', '4']]) }))
  expect(set.patch).toEqual({
    jobOverrides: new Map([
      ['job', new Map([['C', '3']])],
      ['new', new Map([['D', '4']])],
    ]),
  })
  expect(setVariables(before, request({ jobSlug: 'job', remove: ['C'] })).patch).toEqual({
    jobOverrides: new Map(),
  })
  expect(setVariables(before, request({ jobSlug: 'constructor' })).patch).toEqual({
    jobOverrides: before.jobOverrides,
  })
})

test('what is not there is not removed, and a job more than there may be is none', () => {
  const { problems } = setVariables(before, request({ jobSlug: 'job', remove: ['C', 'A'] }))
  expect(problems).toEqual([{ field: 'remove[1]', description: 'names no variable that is there' }])
  const full = {
    ...before,
    jobOverrides: new Map(Array.from({ length: 200 }, (_, i) => [`job-${i}`, new Map([['A', 'x']])])),
  }
  const more = setVariables(full, request({ jobSlug: 'one-more', set: new Map([['A', 'x']]) }))
  expect(more.problems).toEqual([{ field: 'job', description: 'must have at most 200 entries, not 201' }])
})

test('a list of removals that is too long is not read', () => {
  const remove = Array.from({ length: 201 }, (_, i) => `A${i}`)
  expect(checkVariablesToSet(request({ remove }), () => undefined)).toEqual([
    { field: 'remove', description: 'must have at most 200 entries, not 201' },
  ])
  expect(checkVariablesToSet(request({ remove: remove.slice(1) }), () => undefined)).toEqual([])
})
