import fc from 'fast-check'
import { expect, test } from 'vitest'
import { maxLine, type Parents, parentProblem } from './check-line.ts'

/** Parents from lines like `c b a`: c is below b, b below a. */
function parents(...lines: readonly string[]): Parents {
  return new Map(
    lines.flatMap((line) => {
      const ids = line.split(' ')
      return ids.map((id, i): [string, string | null] => [id, ids[i + 1] ?? null])
    }),
  )
}

const nine = 'i h g f e d c b a'

test.each<[string, Parents, string | undefined, string]>([
  ['a new one below a root', parents('a'), undefined, 'a'],
  ['a new one as the tenth', parents(nine), undefined, 'i'],
  ['a root below another', parents('a', 'b'), 'b', 'a'],
  ['a branch moved up in its own line', parents('c b a'), 'c', 'a'],
  ['one moved to where it is', parents('b a'), 'b', 'a'],
  ['two below the eighth', parents(nine, 'y x'), 'x', 'h'],
])('%s may be', (_, all, id, parentId) => {
  expect(parentProblem(all, id, parentId)).toBeUndefined()
})

test.each<[string, Parents, string | undefined, string, RegExp]>([
  ['one that is not there', parents('a'), undefined, 'x', /^names no environment/],
  ['itself', parents('a'), 'a', 'a', /^is the environment itself/],
  ['a child', parents('b a'), 'a', 'b', /^would make a cycle/],
  ['a grandchild', parents('c b a'), 'a', 'c', /^would make a cycle/],
  ['the tenth', parents(`j ${nine}`), undefined, 'j', /^would make a line of 11/],
  ['the ninth, for two', parents(nine, 'y x'), 'x', 'i', /^would make a line of 11/],
  ['any, for ten', parents(`j ${nine}`, 'z'), 'a', 'z', /^would make a line of 11/],
])('%s may not be a parent', (_, all, id, parentId, problem) => {
  expect(parentProblem(all, id, parentId)).toMatch(problem)
})

test('whatever is moved wherever, every line ends at a root and is short enough', () => {
  const count = 14
  const moves = fc.array(fc.tuple(fc.nat({ max: count - 1 }), fc.nat({ max: count - 1 })), { maxLength: 60 })
  fc.assert(
    fc.property(moves, (all) => {
      const now = new Map<string, string | null>(Array.from({ length: count }, (_, i) => [`${i}`, null]))
      for (const [id, parentId] of all)
        if (parentProblem(now, `${id}`, `${parentId}`) === undefined) now.set(`${id}`, `${parentId}`)
      for (const id of now.keys()) {
        let length = 0
        for (let at: string | null = id; at !== null && length <= maxLine; at = now.get(at) ?? null) length++
        expect(length).toBeLessThanOrEqual(maxLine)
      }
    }),
    { seed: 20_260_102, numRuns: 500 },
  )
})

test('a parent of very many is looked at in no time', () => {
  const many = Array.from({ length: 200_000 }, (_, i) => [`child${i}`, 'crowd'] as const)
  const parents = new Map<string, string | null>([['crowd', null], ['root', null], ...many])
  expect(parentProblem(parents, 'crowd', 'root')).toBeUndefined()
  expect(parentProblem(parents, 'crowd', 'child0')).toBe(
    'would make a cycle: it has this environment above it',
  )
})
