import fc from 'fast-check'
import { expect, test } from 'vitest'
import { resolveVersion, type VersionPolicy, type VersionStep } from './resolve-version.ts'

/** Steps after `from`, one for each answer. */
function stepsAfter(from: number, compatible: readonly boolean[]): readonly VersionStep[] {
  return compatible.map((each, index) => ({ version: from + index + 1, compatible: each }))
}

test.each<[VersionPolicy, number, readonly boolean[], number]>([
  ['pin', 2, [], 2],
  ['pin', 2, [true, true], 2],
  ['latest', 2, [], 2],
  ['latest', 2, [true, false], 4],
  ['latest', 2, [false, false], 4],
  ['minor', 2, [], 2],
  ['minor', 2, [true], 3],
  ['minor', 2, [false], 2],
  // v2 → v3 compatible → v4 breaking: the run goes to v3.
  ['minor', 2, [true, false], 3],
  // v3 breaking → v4 compatible with v3: the run stays at v2.
  ['minor', 2, [false, true], 2],
  ['minor', 1, [true, true, true], 4],
  ['minor', 1, [true, true, false, true], 3],
])('%s from version %i over steps %j resolves to %i', (policy, triggered, compatible, resolved) => {
  const steps = stepsAfter(triggered, compatible)
  expect(resolveVersion({ policy, triggered, steps, newest: triggered + compatible.length })).toBe(resolved)
})

test('what is known of the newest may be older than the run: it is never led back', () => {
  expect(resolveVersion({ policy: 'latest', triggered: 5, steps: [], newest: 4 })).toBe(5)
})

test('steps to the triggered version or before it say nothing', () => {
  const steps = [...stepsAfter(0, [false, false]), ...stepsAfter(2, [true])]
  expect(resolveVersion({ policy: 'minor', triggered: 2, steps, newest: 3 })).toBe(3)
})

test('beyond a gap in what is known nothing is reached', () => {
  const steps = [...stepsAfter(2, [true]), { version: 5, compatible: true }]
  expect(resolveVersion({ policy: 'minor', triggered: 2, steps, newest: 5 })).toBe(3)
})

test('whatever the versions are, every policy does what a plain search for its definition does', () => {
  const flags = fc.array(fc.boolean(), { maxLength: 12 })
  fc.assert(
    fc.property(flags, fc.nat({ max: 12 }), (compatible, at) => {
      const newest = compatible.length + 1
      const triggered = Math.min(at + 1, newest)
      const all = stepsAfter(1, compatible)
      const after = all.filter(({ version }) => version > triggered)
      // The definition, word by word: of all versions the highest to which every version after the triggered one is compatible.
      const reachable = Array.from({ length: newest - triggered + 1 }, (_, i) => triggered + i).filter((to) =>
        after.every((step) => step.version > to || step.compatible),
      )
      const of = (policy: VersionPolicy, steps = after) =>
        resolveVersion({ policy, triggered, steps, newest })
      expect(of('minor')).toBe(Math.max(...reachable))
      expect(of('pin')).toBe(triggered)
      expect(of('latest')).toBe(newest)
      // The steps up to and with the first breaking one are enough.
      const breaking = after.findIndex((step) => !step.compatible)
      expect(of('minor', breaking < 0 ? after : after.slice(0, breaking + 1))).toBe(of('minor'))
    }),
  )
})
