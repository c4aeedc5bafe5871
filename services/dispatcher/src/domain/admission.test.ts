import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Admission, createAdmission } from './admission.ts'
import { compareKeys, type Entry, type LaneKey } from './entry.ts'

function anEntry(over: Partial<Entry> & { runId: string }): Entry {
  return { projectId: 'p', jobId: 'j', shard: 0, version: 1, dueAtMs: 0, fence: 0, attempt: 0, ...over }
}
const ids = (entries: readonly Entry[]) => entries.map((entry) => entry.runId)

test('runs come out by due time, then by id, and only when they are due', () => {
  const admission = createAdmission(100)
  admission.offer(anEntry({ runId: 'c', dueAtMs: 5 }))
  admission.offer(anEntry({ runId: 'b', dueAtMs: 5 }))
  admission.offer(anEntry({ runId: 'a', dueAtMs: 9 }))
  expect(admission.nextDueAtMs()).toBe(5)
  expect(ids(admission.take(4, 10))).toEqual([])
  expect(ids(admission.take(5, 10))).toEqual(['b', 'c'])
  expect(ids(admission.take(9, 10))).toEqual(['a'])
  expect(admission.nextDueAtMs()).toBeUndefined()
})

test('no more runs are taken than there is room for', () => {
  const admission = createAdmission(100)
  for (const runId of ['a', 'b', 'c']) admission.offer(anEntry({ runId }))
  expect(ids(admission.take(0, 2))).toEqual(['a', 'b'])
  expect(ids(admission.take(0, 0))).toEqual([])
  expect(ids(admission.take(0, 2))).toEqual(['c'])
})

test('a run that is offered twice is taken once, in its newest state', () => {
  const admission = createAdmission(100)
  admission.offer(anEntry({ runId: 'a', fence: 2, dueAtMs: 1 }))
  admission.offer(anEntry({ runId: 'a', fence: 0, dueAtMs: 0 }))
  admission.offer(anEntry({ runId: 'a', fence: 4, dueAtMs: 7 }))
  expect(admission.size).toBe(1)
  expect(admission.take(6, 10)).toEqual([])
  expect(admission.take(7, 10).map((entry) => entry.fence)).toEqual([4])
  expect(admission.take(99, 10)).toEqual([])
})

test('forgetting shards drops their runs and no others', () => {
  const admission = createAdmission(100)
  admission.offer(anEntry({ runId: 'a', shard: 1 }))
  admission.offer(anEntry({ runId: 'b', shard: 2 }))
  admission.forget(new Set([1]))
  expect(ids(admission.take(0, 10))).toEqual(['b'])
})

test('over capacity the tail is dropped, and is asked for once little is left', () => {
  const admission = createAdmission(100)
  for (let i = 0; i <= 100; i++)
    admission.offer(anEntry({ runId: `r${String(i).padStart(3, '0')}`, dueAtMs: i }))
  expect(admission.size).toBe(50)
  expect(admission.wantsPageAfter()).toBeUndefined()
  admission.take(1_000, 25)
  expect(admission.wantsPageAfter()).toMatchObject({ runId: 'r049' })
})

test('a run beyond the part that is held is left to its page, one before it is taken in', () => {
  const admission = createAdmission(100)
  for (let i = 0; i <= 100; i++)
    admission.offer(anEntry({ runId: `r${String(i).padStart(3, '0')}`, dueAtMs: i }))
  admission.offer(anEntry({ runId: 'late', dueAtMs: 60 }))
  admission.offer(anEntry({ runId: 'early', dueAtMs: 10 }))
  const taken = ids(admission.take(1_000, 1_000))
  expect(taken).toContain('early')
  expect(taken).not.toContain('late')
})

test('a page that was overtaken by newly won shards is ignored', () => {
  const admission = createAdmission(100)
  admission.expectBacklog()
  const stale = admission.wantsPageAfter() as LaneKey
  admission.expectBacklog()
  admission.page(stale, [anEntry({ runId: 'old' })], true)
  expect(admission.size).toBe(0)
  const fresh = admission.wantsPageAfter() as LaneKey
  admission.page(fresh, [anEntry({ runId: 'new' })], true)
  expect(ids(admission.take(0, 10))).toEqual(['new'])
  expect(admission.wantsPageAfter()).toBeUndefined()
})

// The obvious model: everything that waits, in a sorted list, as Postgres has it.
test('whatever is offered, paged and taken, every run comes out once and in order of what could be known', () => {
  const steps = fc.array(
    fc.oneof(
      fc.record({
        kind: fc.constant('insert' as const),
        due: fc.integer({ min: 0, max: 50 }),
        lost: fc.boolean(),
      }),
      fc.record({
        kind: fc.constant('take' as const),
        now: fc.integer({ min: 0, max: 60 }),
        room: fc.integer({ min: 0, max: 30 }),
      }),
      fc.record({ kind: fc.constant('sweep' as const) }),
      fc.record({ kind: fc.constant('reload' as const) }),
    ),
    { maxLength: 400 },
  )
  fc.assert(
    fc.property(steps, (script) => {
      const admission = createAdmission(100)
      const table = new Map<string, Entry>()
      const started = new Set<string>()
      let count = 0
      for (const step of script) {
        if (step.kind === 'insert') {
          const entry = anEntry({ runId: `r${String(count++).padStart(5, '0')}`, dueAtMs: step.due })
          table.set(entry.runId, entry)
          if (!step.lost) admission.offer(entry)
        } else if (step.kind === 'take') {
          const taken = admission.take(step.now, step.room)
          expect(taken.length).toBeLessThanOrEqual(step.room)
          expect([...taken].sort(compareKeys)).toEqual(taken)
          for (const entry of taken) {
            expect(entry.dueAtMs).toBeLessThanOrEqual(step.now)
            expect(started.has(entry.runId)).toBe(false)
            started.add(entry.runId)
            table.delete(entry.runId)
          }
        } else if (step.kind === 'reload') admission.expectBacklog()
        else sweep(admission, table)
      }
      for (let turns = 0; table.size > 0; turns++) {
        expect(turns).toBeLessThan(1_000)
        sweep(admission, table)
        for (const entry of admission.take(1_000, 40)) {
          expect(table.delete(entry.runId)).toBe(true)
          started.add(entry.runId)
        }
      }
      expect(started.size).toBe(count)
    }),
    { numRuns: 300 },
  )
})

/** What the sweep loop does: pages first, then everything that may have got lost. */
function sweep(admission: Admission, table: ReadonlyMap<string, Entry>): void {
  const sorted = [...table.values()].sort(compareKeys)
  for (let after = admission.wantsPageAfter(); after !== undefined; after = admission.wantsPageAfter()) {
    const from = after
    const page = sorted.filter((entry) => compareKeys(entry, from) > 0).slice(0, 20)
    admission.page(after, page, page.length < 20)
    if (page.length === 20 && admission.size > 25) break
  }
  for (const entry of sorted) admission.offer(entry)
}
