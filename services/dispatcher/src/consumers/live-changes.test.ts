import type { HeadChange } from '@strait/catalog-follower/head-change'
import { expect, test } from 'vitest'
import { createAdmission } from '../domain/admission.ts'
import { createLiveChanges } from './live-changes.ts'

function aChange(kind: HeadChange['kind'], id: string): HeadChange {
  return { kind, now: { id }, before: undefined } as unknown as HeadChange
}

/** A thousand held jobs of which runs wait; `asked` counts how often it is asked whether one is held. */
function setup() {
  const held = new Set(Array.from({ length: 1_000 }, (_, i) => `j${i}`))
  const asked: string[] = []
  const admission = createAdmission(100, (jobId) => {
    asked.push(jobId)
    return held.has(jobId)
  })
  for (const jobId of held)
    admission.offer({
      runId: jobId,
      projectId: 'p',
      jobId,
      shard: 0,
      version: 1,
      dueAtMs: 0,
      fence: 0,
      attempt: 0,
    })
  asked.length = 0
  let released = 0
  const listener = createLiveChanges({
    isCanceled: () => false,
    releaseHeld: admission.releaseHeld,
    onReleased: () => released++,
    stored: async () => undefined,
    onCanceled: () => undefined,
  })
  return { held, asked, admission, listener, released: () => released }
}

test('a change of a job asks of that job whether it is held, and of no other that is', () => {
  const { held, asked, admission, listener, released } = setup()
  void listener([aChange('job', 'j7'), aChange('job', 'unheard of'), aChange('environment', 'e')])
  expect(asked).toEqual(['j7'])
  held.delete('j7')
  expect(released()).toBe(0)
  void listener([aChange('job', 'j7')])
  expect(released()).toBe(1)
  expect(admission.wantsPageOfJob()).toMatchObject({ jobId: 'j7' })
})

test.each(['project', 'job_group'] as const)('a change of a %s frees whichever jobs are its', (kind) => {
  const { held, admission, listener, released } = setup()
  held.delete('j7')
  held.delete('j8')
  void listener([aChange('job', 'j1'), aChange(kind, 'g')])
  expect(released()).toBe(1)
  expect(admission.heldJobs()).toHaveLength(998)
})

test('a job that closes is heard of when what was being stored for it is there, any other at once', async () => {
  const stored = Promise.withResolvers<void>()
  const asked: (readonly string[])[] = []
  const listener = createLiveChanges({
    isCanceled: () => false,
    releaseHeld: () => false,
    onReleased: () => undefined,
    stored(jobIds) {
      asked.push(jobIds)
      return stored.promise
    },
    onCanceled: () => undefined,
  })
  expect(listener([aChange('job', 'j1')])).toBeUndefined()
  const { now, ...change } = aChange('job', 'j2')
  const closes = { ...change, now: { ...now, closing: true } } as HeadChange
  let isHeard = false
  const hearing = listener([aChange('job', 'j1'), closes])?.then(() => {
    isHeard = true
  })
  expect(hearing).toBeDefined()
  expect(asked).toEqual([['j2']])
  await Promise.resolve()
  expect(isHeard).toBe(false)
  stored.resolve()
  await hearing
  expect(isHeard).toBe(true)
})
