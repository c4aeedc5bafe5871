// Whether steps make a graph without cycles. Linear in steps and dependencies together: 1,000 steps with 100 dependencies each are
// looked at once.
//
// Steps are taken away whose dependencies were all taken away before, again and again. What is left over depends on a cycle; whoever
// walks from there to a dependency that is left over, again and again, comes to a step for the second time, and between the two visits
// lies a cycle, which is named.

import type { Say } from '../jobs/job-input.ts'

/** A step, as far as the graph is concerned: its place among the steps, and the places of those that come before. */
export interface GraphNode {
  readonly ref: string
  readonly before: readonly number[]
}

/** The steps in an order in which each comes behind its dependencies. */
export type Order = readonly number[]

const longestCycleTold = 20

/** Orders the steps, or names a cycle. Undefined where there is one. */
export function orderSteps(nodes: readonly GraphNode[], say: Say): Order | undefined {
  const after: number[][] = nodes.map(() => [])
  const missing = nodes.map(({ before }) => before.length)
  for (const [place, { before }] of nodes.entries()) for (const one of before) after[one]?.push(place)

  const roots = nodes.flatMap(({ before }, place) => (before.length === 0 ? [place] : []))
  if (roots.length === 0 && nodes.length > 0)
    say('steps', 'have none to begin with: each depends on another; one must depend on nothing')
  const order = [...roots]
  // The list grows while it is walked.
  for (const place of order)
    for (const next of after[place] ?? []) {
      const left = (missing[next] ?? 0) - 1
      missing[next] = left
      if (left === 0) order.push(next)
    }
  if (order.length === nodes.length) return order

  const cycle = findCycle(nodes, new Set(order))
  const told = cycle.length > longestCycleTold ? [...cycle.slice(0, longestCycleTold - 1), '…'] : cycle
  const at = nodes.findIndex(({ ref }) => ref === cycle[0])
  say(`steps[${at}].depends_on`, `make a cycle: ${[...told, cycle[0]].join(' -> ')}`)
  return undefined
}

/** The refs of a cycle, each depending on the next, among the steps that could not be ordered. */
function findCycle(nodes: readonly GraphNode[], ordered: ReadonlySet<number>): readonly string[] {
  const visitedAs = new Map<number, number>()
  const way: number[] = []
  let place = nodes.findIndex((_, index) => !ordered.has(index))
  while (!visitedAs.has(place)) {
    visitedAs.set(place, way.length)
    way.push(place)
    // A step that could not be ordered waits for another one.
    place = nodes[place]?.before.find((one) => !ordered.has(one)) ?? place
  }
  return way.slice(visitedAs.get(place)).map((index) => nodes[index]?.ref ?? '')
}

/** Says of two steps whether the one comes before the other, directly or through others. One bit for each pair: 1,000 steps take 125 kB. */
export function ancestorsIn(
  nodes: readonly GraphNode[],
  order: Order,
): (ancestor: number, step: number) => boolean {
  const words = Math.ceil(nodes.length / 32)
  const bits = new Uint32Array(words * nodes.length)
  for (const step of order) {
    const row = step * words
    for (const before of nodes[step]?.before ?? []) {
      for (let word = 0; word < words; word++)
        bits[row + word] = (bits[row + word] ?? 0) | (bits[before * words + word] ?? 0)
      bits[row + (before >>> 5)] = (bits[row + (before >>> 5)] ?? 0) | (1 << (before & 31))
    }
  }
  return (ancestor, step) => (((bits[step * words + (ancestor >>> 5)] ?? 0) >>> (ancestor & 31)) & 1) === 1
}
