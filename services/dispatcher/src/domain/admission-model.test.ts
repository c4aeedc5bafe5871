// Admission against the obvious model: everything that waits, in a sorted list, as Postgres has it, and a set of held jobs.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Admission, createAdmission } from './admission.ts'
import { compareKeys, type Entry, type LaneKey } from './entry.ts'

const jobs = ['j0', 'j1', 'j2', 'j3']
const aJob = fc.constantFrom(...jobs)

const steps = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('insert' as const),
        job: aJob,
        due: fc.integer({ min: 0, max: 50 }),
        lost: fc.boolean(),
        many: fc.integer({ min: 1, max: 20 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('take' as const),
        now: fc.integer({ min: 0, max: 60 }),
        room: fc.integer({ min: 0, max: 30 }),
      }),
    },
    fc.record({ kind: fc.constant('sweep' as const) }),
    fc.record({ kind: fc.constant('page' as const) }),
    fc.record({ kind: fc.constant('reload' as const) }),
    fc.record({ kind: fc.constant('hold' as const), job: aJob }),
    // A page is asked for, the job is released and comes back while it is under way, and then the page comes.
    fc.record({ kind: fc.constant('release' as const), job: aJob, duringPage: fc.boolean() }),
  ),
  { minLength: 20, maxLength: 120 },
)

test('whatever is offered, paged, taken, held and released, every run starts once, in order, and never while it is held', () => {
  fc.assert(
    fc.property(steps, (script) => {
      const held = new Set<string>()
      const admission = createAdmission(40, (jobId) => held.has(jobId))
      const table = new Map<string, Entry>()
      // What was stored since the last sweep: the only runs that it offers besides pages.
      const armed = new Set<Entry>()
      const started = new Set<string>()
      let count = 0
      const take = (now: number, room: number) => {
        const taken = admission.take(now, room)
        expect(taken.length).toBeLessThanOrEqual(room)
        expect([...taken].sort(compareKeys)).toEqual(taken)
        for (const entry of taken) {
          expect(held.has(entry.jobId)).toBe(false)
          expect(entry.dueAtMs).toBeLessThanOrEqual(now)
          expect(started.has(entry.runId)).toBe(false)
          started.add(entry.runId)
          table.delete(entry.runId)
        }
      }
      /** What starts when nothing more comes: everything that is not held, and nothing else. */
      const drain = () => {
        for (let turns = 0; turns < 40 || turns * 40 < count; turns++) {
          sweep(admission, table, armed)
          take(1_000, 40)
        }
        expect([...table.values()].filter((entry) => !held.has(entry.jobId))).toEqual([])
      }
      for (const step of script) {
        if (step.kind === 'insert') {
          for (let i = 0; i < step.many; i++) {
            const runId = `r${String(count++).padStart(5, '0')}`
            const entry = { runId, projectId: 'p', jobId: step.job, shard: 0, version: 1 }
            const whole: Entry = { ...entry, dueAtMs: step.due + i, fence: 0, attempt: 0 }
            table.set(runId, whole)
            armed.add(whole)
            if (!step.lost) admission.offer(whole)
          }
        } else if (step.kind === 'take') take(step.now, step.room)
        else if (step.kind === 'reload') admission.expectBacklog()
        else if (step.kind === 'hold') held.add(step.job)
        else if (step.kind === 'sweep') sweep(admission, table, armed)
        else if (step.kind === 'page') readPage(admission, table)?.()
        else {
          const late = step.duringPage ? readPage(admission, table) : undefined
          held.delete(step.job)
          admission.releaseHeld()
          if (late !== undefined) bringBack(admission, table)
          late?.()
        }
      }
      drain()
      held.clear()
      admission.releaseHeld()
      drain()
      expect(started.size).toBe(count)
    }),
    { numRuns: 200, seed: 20_250_101 },
  )
})

const pageSize = 7

/** Reads the page that is wanted now; the answer hands it over, whatever happened since. */
function readPage(admission: Admission, table: ReadonlyMap<string, Entry>): (() => void) | undefined {
  const after = admission.wantsPageAfter()
  if (after === undefined) return undefined
  const leftOut = new Set(admission.heldJobs())
  const rows = sortedAfter(table, after).slice(0, pageSize)
  const next = rows.length < pageSize ? undefined : rows.at(-1)
  const page = rows.filter((entry) => !leftOut.has(entry.jobId))
  return () => admission.page(after, page, next)
}

/** What the sweep loop does: pages of jobs that come back, pages of all, then everything stored since the sweep before. */
function sweep(admission: Admission, table: ReadonlyMap<string, Entry>, armed: Set<Entry>): void {
  bringBack(admission, table)
  for (let read = readPage(admission, table); read !== undefined; read = readPage(admission, table)) read()
  for (const entry of armed) if (table.has(entry.runId)) admission.offer(entry)
  armed.clear()
}

function bringBack(admission: Admission, table: ReadonlyMap<string, Entry>): void {
  for (let want = admission.wantsPageOfJob(); want !== undefined; want = admission.wantsPageOfJob()) {
    const { jobId, after } = want
    const page = sortedAfter(table, after)
      .filter((entry) => entry.jobId === jobId)
      .slice(0, pageSize)
    admission.pageOfJob(want, page, page.length < pageSize)
  }
}

function sortedAfter(table: ReadonlyMap<string, Entry>, after: LaneKey): Entry[] {
  return [...table.values()].filter((entry) => compareKeys(entry, after) > 0).sort(compareKeys)
}
