import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Problem } from '../jobs/job-input.ts'
import { ancestorsIn, type GraphNode, orderSteps } from './check-graph.ts'

/** Orders a graph given as ref → refs that come before. */
function order(graph: Readonly<Record<string, readonly string[]>>) {
  const refs = Object.keys(graph)
  const nodes = refs.map((ref) => ({ ref, before: (graph[ref] ?? []).map((one) => refs.indexOf(one)) }))
  const problems: Problem[] = []
  const found = orderSteps(nodes, (field, description) => problems.push({ field, description }))
  return { order: found?.map((place) => refs[place]), problems }
}

test('a step comes behind those that it depends on', () => {
  expect(order({ d: ['b', 'c'], c: ['a'], b: ['a'], a: [] }).order).toEqual(['a', 'c', 'b', 'd'])
})

test('a cycle is named in the order of its dependencies', () => {
  expect(order({ start: [], a: ['start', 'c'], b: ['a'], c: ['b'], behind: ['c'] })).toEqual({
    order: undefined,
    problems: [{ field: 'steps[1].depends_on', description: 'make a cycle: a -> c -> b -> a' }],
  })
})

test('steps of which none begins are told so, besides their cycle', () => {
  expect(order({ a: ['b'], b: ['a'] }).problems).toEqual([
    {
      field: 'steps',
      description: 'have none to begin with: each depends on another; one must depend on nothing',
    },
    { field: 'steps[0].depends_on', description: 'make a cycle: a -> b -> a' },
  ])
})

test('of a long cycle the beginning is told', () => {
  const refs = Array.from({ length: 1_000 }, (_, nth) => `s${nth}`)
  const graph = Object.fromEntries(refs.map((ref, nth) => [ref, [refs[(nth + 1) % 1_000]!]]))
  const { problems } = order(graph)
  expect(problems[1]?.description).toMatch(/^make a cycle: s0 -> s1 -> .* -> s18 -> … -> s0$/)
})

/** Graphs without cycles: a step depends only on steps before it, and then all are shuffled. */
const graphs = fc
  .integer({ min: 1, max: 40 })
  .chain((size) =>
    fc.tuple(
      fc.array(fc.array(fc.nat(), { maxLength: 6 }), { minLength: size, maxLength: size }),
      fc.shuffledSubarray([...Array(size).keys()], { minLength: size, maxLength: size }),
    ),
  )
  .map(([picks, shuffled]) => {
    const nodes: GraphNode[] = []
    for (const [nth, place] of shuffled.entries()) {
      const before = nth === 0 ? [] : (picks[nth] ?? []).map((pick) => shuffled[pick % nth] ?? 0)
      nodes[place] = { ref: `s${place}`, before: [...new Set(before)] }
    }
    return nodes
  })

/** Everything that comes before a step, the slow way. */
function before(nodes: readonly GraphNode[], step: number, seen = new Set<number>()): ReadonlySet<number> {
  for (const one of nodes[step]?.before ?? []) if (!seen.has(one)) before(nodes, one, seen.add(one))
  return seen
}

test('any graph without a cycle is ordered, and its ancestors are known', () => {
  fc.assert(
    fc.property(graphs, (nodes) => {
      const found = orderSteps(nodes, (field, description) => expect.fail(`${field} ${description}`))
      expect(found?.toSorted((a, b) => a - b)).toEqual([...nodes.keys()])
      const seen = new Set<number>()
      for (const place of found ?? []) {
        for (const one of nodes[place]?.before ?? []) expect(seen).toContain(one)
        seen.add(place)
      }
      const comesBefore = ancestorsIn(nodes, found ?? [])
      for (const step of nodes.keys()) {
        const slow = before(nodes, step)
        for (const one of nodes.keys()) expect(comesBefore(one, step)).toBe(slow.has(one))
      }
    }),
  )
})

test('one dependency backwards makes a cycle, and the one that is named is one', () => {
  fc.assert(
    fc.property(graphs, fc.nat(), (nodes, pick) => {
      const pairs = [...nodes.keys()].flatMap((step) =>
        [...before(nodes, step)].map((one) => [one, step] as const),
      )
      fc.pre(pairs.length > 0)
      const [one, step] = pairs[pick % pairs.length]!
      const broken = nodes.map((node, place) =>
        place === one ? { ...node, before: [...node.before, step] } : node,
      )
      const problems: string[] = []
      expect(orderSteps(broken, (_, description) => problems.push(description))).toBeUndefined()
      const told = problems.at(-1)?.replace('make a cycle: ', '').split(' -> ') ?? []
      expect(told.at(-1)).toBe(told[0])
      if (told.includes('…')) return
      const refs = new Map(broken.map(({ ref }, place) => [ref, place]))
      for (const [nth, ref] of told.slice(0, -1).entries())
        expect(broken[refs.get(ref) ?? -1]?.before).toContain(refs.get(told[nth + 1] ?? ''))
    }),
  )
})

// 20 ms where this was written.
test('1,000 steps with 100 dependencies each are ordered in a moment', { timeout: 1_000 }, () => {
  const nodes = Array.from({ length: 1_000 }, (_, place) => ({
    ref: `s${place}`,
    before: Array.from({ length: Math.min(place, 100) }, (_, nth) => place - 1 - nth),
  }))
  const found = orderSteps(nodes, () => expect.fail('there is no cycle'))
  expect(ancestorsIn(nodes, found ?? [])(0, 999)).toBe(true)
})
