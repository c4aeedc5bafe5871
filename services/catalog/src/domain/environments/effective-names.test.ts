import { type EnvironmentLayer, variablesFor } from '@strait/domain/environment'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { effectiveNames } from './effective-names.ts'
import { namesOf } from './variables.ts'

const sets = fc
  .uniqueArray(fc.constantFrom('A', 'B', 'C', '__proto__'), { maxLength: 4 })
  .map((names) => new Map(names.map((name) => [name, ''])))
const layers = fc.record({
  variables: sets,
  jobOverrides: fc
    .array(fc.tuple(fc.constantFrom('job', 'other'), sets), { maxLength: 2 })
    .map((entries) => new Map(entries)),
})

/** A layer whose values say where each comes from. */
function telling(layer: EnvironmentLayer, id: string): EnvironmentLayer {
  const fill = (own: EnvironmentLayer['variables'], from: string) =>
    new Map([...own.keys()].map((name) => [name, from]))
  return {
    variables: fill(layer.variables, id),
    jobOverrides: new Map([...layer.jobOverrides].map(([slug, own]) => [slug, fill(own, `${id} ${slug}`)])),
  }
}

test('the names that are said to hold are those whose values do', () => {
  fc.assert(
    fc.property(fc.array(layers, { maxLength: 10 }), (line) => {
      const named = line.map((layer, i) => ({ id: `${i}`, names: namesOf(layer) }))
      const told = effectiveNames(named, 'job').map(({ name, environmentId, jobOverride }) => [
        name,
        environmentId + (jobOverride ? ' job' : ''),
      ])
      const values = variablesFor(
        line.map((layer, i) => telling(layer, `${i}`)),
        'job',
      )
      expect(told).toEqual([...values].toSorted(([a], [b]) => (a < b ? -1 : 1)))
    }),
    { seed: 20_260_102 },
  )
})

test('without a job, no variable of a job holds', () => {
  const names = { variables: ['B', 'A'], jobOverrides: new Map([['job', ['A', 'C']]]) }
  expect(effectiveNames([{ id: 'e', names }], undefined)).toEqual([
    { name: 'A', environmentId: 'e', jobOverride: false },
    { name: 'B', environmentId: 'e', jobOverride: false },
  ])
})
