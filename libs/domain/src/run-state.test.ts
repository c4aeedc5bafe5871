import { describe, expect, test } from 'vitest'
import { canMove, isRunStatus, isTerminal, moves, type RunStatus, runStatuses } from './run-state.ts'

// The law once more, as pairs: who changes one of the two has to change the other.
const legal: readonly string[] = [
  'delayed>queued',
  'delayed>canceled',
  'delayed>expired',
  'queued>executing',
  'queued>delayed',
  'queued>canceled',
  'queued>expired',
  'executing>completed',
  'executing>failed',
  'executing>timed_out',
  'executing>crashed',
  'executing>canceled',
  'executing>delayed',
  'executing>waiting',
  'executing>queued',
  'waiting>completed',
  'waiting>failed',
  'waiting>timed_out',
  'waiting>canceled',
  'waiting>delayed',
]
const live: readonly RunStatus[] = ['delayed', 'queued', 'executing', 'waiting']
const pairs = runStatuses.flatMap((from) => runStatuses.map((to) => [from, to] as const))

describe('the table of moves', () => {
  test.each(pairs)('%s to %s is decided', (from, to) => {
    expect(canMove(from, to)).toBe(legal.includes(`${from}>${to}`))
  })

  test('covers ten states, six of them terminal', () => {
    expect(runStatuses).toHaveLength(10)
    expect(runStatuses.filter((status) => !isTerminal(status))).toEqual(live)
  })

  test('leads from every live state to an end', () => {
    for (const status of live) expect(moves[status].some((next) => isTerminal(next))).toBe(true)
  })

  test('leads to every state', () => {
    const reached = new Set<RunStatus>(runStatuses.flatMap((status) => moves[status]))
    expect(runStatuses.filter((status) => !reached.has(status))).toEqual([])
  })
})

describe('isRunStatus', () => {
  test.each(runStatuses)('%s is one', (status) => {
    expect(isRunStatus(status)).toBe(true)
  })

  test.each(['', 'running', 'QUEUED', 'constructor', '__proto__'])('%j is none', (text) => {
    expect(isRunStatus(text)).toBe(false)
  })
})
