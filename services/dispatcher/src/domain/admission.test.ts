import { expect, test } from 'vitest'
import { createAdmission } from './admission.ts'
import type { Entry, LaneKey } from './entry.ts'

function anEntry(over: Partial<Entry> & { runId: string }): Entry {
  return { projectId: 'p', jobId: 'j', shard: 0, version: 1, dueAtMs: 0, fence: 0, attempt: 0, ...over }
}
const nothingIsHeld = () => false
const ids = (entries: readonly Entry[]) => entries.map((entry) => entry.runId)

test('runs come out by due time, then by id, and only when they are due', () => {
  const admission = createAdmission(100, nothingIsHeld)
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
  const admission = createAdmission(100, nothingIsHeld)
  for (const runId of ['a', 'b', 'c']) admission.offer(anEntry({ runId }))
  expect(ids(admission.take(0, 2))).toEqual(['a', 'b'])
  expect(ids(admission.take(0, 0))).toEqual([])
  expect(ids(admission.take(0, 2))).toEqual(['c'])
})

test('a run that is offered twice is taken once, in its newest state', () => {
  const admission = createAdmission(100, nothingIsHeld)
  admission.offer(anEntry({ runId: 'a', fence: 2, dueAtMs: 1 }))
  admission.offer(anEntry({ runId: 'a', fence: 0, dueAtMs: 0 }))
  admission.offer(anEntry({ runId: 'a', fence: 4, dueAtMs: 7 }))
  expect(admission.size).toBe(1)
  expect(admission.take(6, 10)).toEqual([])
  expect(admission.take(7, 10).map((entry) => entry.fence)).toEqual([4])
  expect(admission.take(99, 10)).toEqual([])
})

test('forgetting shards drops their runs and no others', () => {
  const admission = createAdmission(100, nothingIsHeld)
  admission.offer(anEntry({ runId: 'a', shard: 1 }))
  admission.offer(anEntry({ runId: 'b', shard: 2 }))
  admission.forget(new Set([1]))
  expect(ids(admission.take(0, 10))).toEqual(['b'])
})

test('over capacity the tail is dropped, and is asked for once little is left', () => {
  const admission = createAdmission(100, nothingIsHeld)
  for (let i = 0; i <= 100; i++)
    admission.offer(anEntry({ runId: `r${String(i).padStart(3, '0')}`, dueAtMs: i }))
  expect(admission.size).toBe(50)
  expect(admission.wantsPageAfter()).toBeUndefined()
  admission.take(1_000, 25)
  expect(admission.wantsPageAfter()).toMatchObject({ runId: 'r049' })
})

test('a run beyond the part that is held is left to its page, one before it is taken in', () => {
  const admission = createAdmission(100, nothingIsHeld)
  for (let i = 0; i <= 100; i++)
    admission.offer(anEntry({ runId: `r${String(i).padStart(3, '0')}`, dueAtMs: i }))
  admission.offer(anEntry({ runId: 'late', dueAtMs: 60 }))
  admission.offer(anEntry({ runId: 'early', dueAtMs: 10 }))
  const taken = ids(admission.take(1_000, 1_000))
  expect(taken).toContain('early')
  expect(taken).not.toContain('late')
})

test('a page that was overtaken by newly won shards is ignored', () => {
  const admission = createAdmission(100, nothingIsHeld)
  admission.expectBacklog()
  const stale = admission.wantsPageAfter() as LaneKey
  admission.expectBacklog()
  admission.page(stale, [anEntry({ runId: 'old' })], undefined)
  expect(admission.size).toBe(0)
  const fresh = admission.wantsPageAfter() as LaneKey
  admission.page(fresh, [anEntry({ runId: 'new' })], undefined)
  expect(ids(admission.take(0, 10))).toEqual(['new'])
  expect(admission.wantsPageAfter()).toBeUndefined()
})
