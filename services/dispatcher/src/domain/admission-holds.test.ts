import { describe, expect, test } from 'vitest'
import { createAdmission } from './admission.ts'
import type { Entry, LaneKey } from './entry.ts'

function anEntry(over: Partial<Entry> & { runId: string }): Entry {
  return { projectId: 'p', jobId: 'j', shard: 0, version: 1, dueAtMs: 0, fence: 0, attempt: 0, ...over }
}
const ids = (entries: readonly Entry[]) => entries.map((entry) => entry.runId)

/** An Admission over a set of held jobs that the test changes. */
function setup(capacity = 100) {
  const held = new Set<string>()
  const admission = createAdmission(capacity, (jobId) => held.has(jobId))
  return { held, admission }
}

test("a held job's runs do not start, and hide nobody else's", () => {
  const { held, admission } = setup()
  held.add('j')
  admission.offer(anEntry({ runId: 'a' }))
  admission.offer(anEntry({ runId: 'b', jobId: 'other', dueAtMs: 1 }))
  expect(ids(admission.take(1, 1))).toEqual(['b'])
  expect(admission.heldJobs()).toEqual(['j'])
})

test('a hold acts on what is in memory already, at the very next take', () => {
  const { held, admission } = setup()
  admission.offer(anEntry({ runId: 'a' }))
  admission.offer(anEntry({ runId: 'b' }))
  expect(ids(admission.take(0, 1))).toEqual(['a'])
  held.add('j')
  expect(admission.take(0, 10)).toEqual([])
  expect(admission.size).toBe(0)
})

test('held runs come back from Postgres in their order, page by page', () => {
  const { held, admission } = setup()
  held.add('j')
  for (const runId of ['c', 'a', 'b']) admission.offer(anEntry({ runId }))
  expect(admission.wantsPageOfJob()).toBeUndefined()
  held.delete('j')
  expect(admission.releaseHeld()).toBe(true)
  const first = admission.wantsPageOfJob()
  expect(first).toMatchObject({ jobId: 'j', shard: 0, after: { runId: '' } })
  admission.pageOfJob(first as never, [anEntry({ runId: 'a' }), anEntry({ runId: 'b' })], false)
  const second = admission.wantsPageOfJob()
  expect(second).toMatchObject({ after: { runId: 'b' } })
  admission.pageOfJob(second as never, [anEntry({ runId: 'c' })], true)
  expect(admission.wantsPageOfJob()).toBeUndefined()
  expect(ids(admission.take(0, 10))).toEqual(['a', 'b', 'c'])
})

test('while nothing that was held is released, nothing comes back', () => {
  const { held, admission } = setup()
  held.add('j')
  admission.offer(anEntry({ runId: 'a' }))
  expect(admission.releaseHeld()).toBe(false)
  expect(admission.wantsPageOfJob()).toBeUndefined()
})

test('a job that is held again while it comes back is left out again, and its late page is ignored', () => {
  const { held, admission } = setup()
  held.add('j')
  admission.offer(anEntry({ runId: 'a' }))
  held.delete('j')
  admission.releaseHeld()
  const late = admission.wantsPageOfJob()
  held.add('j')
  admission.offer(anEntry({ runId: 'b' }))
  expect(admission.wantsPageOfJob()).toBeUndefined()
  held.delete('j')
  admission.releaseHeld()
  admission.pageOfJob(late as never, [anEntry({ runId: 'a' })], true)
  expect(admission.size).toBe(0)
  expect(admission.wantsPageOfJob()).toBeDefined()
})

test('a page that was read while a job was left out does not pass its runs once it is released', () => {
  const { held, admission } = setup()
  admission.expectBacklog()
  held.add('j')
  admission.offer(anEntry({ runId: 'a', dueAtMs: 5 }))
  const readWithoutJ = admission.wantsPageAfter() as LaneKey
  held.delete('j')
  admission.releaseHeld()
  admission.page(readWithoutJ, [anEntry({ runId: 'z', jobId: 'other', dueAtMs: 9 })], undefined)
  expect(admission.size).toBe(0)
  expect(admission.wantsPageAfter()).toBeDefined()
})

test('a job comes back only as far as the rest of the backlog is in memory', () => {
  const { held, admission } = setup(8)
  for (let i = 0; i < 9; i++) admission.offer(anEntry({ runId: `o${i}`, jobId: 'other', dueAtMs: 10 * i }))
  held.add('j')
  admission.offer(anEntry({ runId: 'a', dueAtMs: 1 }))
  held.delete('j')
  admission.releaseHeld()
  const page = [anEntry({ runId: 'a', dueAtMs: 1 }), anEntry({ runId: 'b', dueAtMs: 99 })]
  admission.pageOfJob(admission.wantsPageOfJob() as never, page, false)
  // What lies beyond comes with the pages of all.
  expect(admission.wantsPageOfJob()).toBeUndefined()
  expect(ids(admission.take(1_000, 100))).toEqual(['o0', 'a', 'o1', 'o2', 'o3'])
})

describe('a full memory', () => {
  test('makes room by leaving out what is held, before it drops what is not', () => {
    const { held, admission } = setup(10)
    for (let i = 0; i < 9; i++) admission.offer(anEntry({ runId: `h${i}`, dueAtMs: 1_000 }))
    held.add('j')
    admission.offer(anEntry({ runId: 'o1', jobId: 'other', dueAtMs: 2_000 }))
    admission.offer(anEntry({ runId: 'o2', jobId: 'other', dueAtMs: 3_000 }))
    expect(admission.size).toBe(2)
    expect(admission.wantsPageAfter()).toBeUndefined()
    expect(admission.heldJobs()).toEqual(['j'])
  })
})

test('the holds of shards that moved away are forgotten', () => {
  const { held, admission } = setup()
  held.add('j').add('k')
  admission.offer(anEntry({ runId: 'a', shard: 1 }))
  admission.offer(anEntry({ runId: 'b', shard: 2, jobId: 'k' }))
  admission.forget(new Set([1]))
  held.clear()
  expect(admission.releaseHeld()).toBe(true)
  expect(admission.wantsPageOfJob()).toMatchObject({ jobId: 'k' })
  admission.forget(new Set([2]))
  expect(admission.wantsPageOfJob()).toBeUndefined()
})
