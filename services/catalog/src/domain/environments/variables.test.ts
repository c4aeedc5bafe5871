import fc from 'fast-check'
import { expect, test } from 'vitest'
import { changedNames, namesOf, noVariables, variablesFromText, variablesToText } from './variables.ts'

const names = fc.constantFrom('A', 'B', '__proto__', 'constructor', 'toString', 'hasOwnProperty')
const sets = fc
  .array(fc.tuple(names, fc.string({ unit: 'binary', maxLength: 10 })), { maxLength: 6 })
  .map((entries) => new Map(entries))
const anOwn = fc.record({
  variables: sets,
  jobOverrides: fc
    .array(fc.tuple(fc.constantFrom('constructor', 'job', 'job-2'), sets), { maxLength: 3 })
    .map((entries) => new Map(entries)),
})

test('variables come back from their text, whatever their names are', () => {
  fc.assert(
    fc.property(anOwn, (own) => {
      expect(variablesFromText(variablesToText(own))).toEqual(own)
      expect(changedNames(own, variablesFromText(variablesToText(own)))).toEqual([])
    }),
    { seed: 20_260_102 },
  )
  expect(Object.prototype).not.toHaveProperty('A')
})

test('equal variables have equal texts, in whatever order they came', () => {
  const one = new Map([
    ['A', '1'],
    ['B', '2'],
  ])
  const other = new Map([...one].reverse())
  const text = (variables: typeof one) =>
    variablesToText({ variables, jobOverrides: new Map([['j', variables]]) })
  expect(text(one)).toBe(text(other))
  expect(variablesFromText(variablesToText(noVariables))).toEqual(noVariables)
})

test('names are in order, and those of a job are told apart from plain ones', () => {
  const own = {
    variables: new Map([
      ['b', ''],
      ['A', ''],
    ]),
    jobOverrides: new Map([
      ['z', new Map([['A', '']])],
      ['a', new Map()],
    ]),
  }
  const found = namesOf(own)
  expect(found.variables).toEqual(['A', 'b'])
  expect([...found.jobOverrides]).toEqual([
    ['a', []],
    ['z', ['A']],
  ])
  expect(changedNames(noVariables, own)).toEqual(['A', 'b', 'z.A'])
})
