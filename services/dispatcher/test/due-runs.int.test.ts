import { metrics } from '@opentelemetry/api'
import { newUuidv7 } from '@strait/domain/ids'
import { createLog } from '@strait/service-kit/log'
import { expect, test } from 'vitest'
import { createDueRuns, type DueRun } from '../src/create-due-runs.ts'
import { createRunCreator } from '../src/create-runs.ts'
import type { LiveJob } from '../src/domain/job-config.ts'
import { createEvents } from '../src/events.ts'
import type { LiveJobs } from '../src/wire/live-jobs.ts'
import { aJobConfig, jobId, type StoreBundle, setup } from './store-bundle.ts'

/** A way in over jobs as the test sets them. */
function wayIn(bundle: StoreBundle) {
  const live = new Map<string, LiveJob>()
  const jobs: LiveJobs = {
    resolve: async (_, id) => live.get(id),
    version: async () => undefined,
    knownVersion: () => undefined,
    isHeld: () => false,
    isCanceled: () => false,
  }
  const ignore = () => undefined
  const events = createEvents(metrics.getMeter('test'), createLog('test', 'silent'))
  const createRun = createRunCreator({
    db: bundle.db,
    events,
    offer: ignore,
    publishNews: ignore,
    onChanged: ignore,
  })
  const deps = { db: bundle.db, jobs, createRun, maxPayloadBytes: 1_000, publishNews: ignore }
  return { live, create: (items: readonly DueRun[]) => createDueRuns(deps, items) }
}

function anItem(over: Partial<DueRun> = {}): DueRun {
  return {
    runId: newUuidv7(),
    projectId: '01890000-0000-7000-8000-000000000001',
    jobId,
    occurrence: { scheduleId: jobId, nominalAt: new Date() },
    payload: '{}',
    ...over,
  }
}

test('fires of jobs that take none are refused with their reason, and the feed tells it', async () => {
  await using bundle = await setup()
  const { live, create } = wayIn(bundle)
  const notYetActing = { always: [], byCron: ['overlap'] }
  live.set(jobId, { config: aJobConfig(), enabled: true, closing: false })
  live.set('disabled', { config: aJobConfig(), enabled: false, closing: false })
  live.set('more', { config: aJobConfig({ notYetActing }), enabled: true, closing: false })
  const items = [jobId, 'disabled', 'more', 'gone'].map((id) => anItem({ jobId: id }))
  const ends = await create(items)
  expect(ends.map((end) => end.refused)).toEqual([
    undefined,
    'JOB_DISABLED',
    'NOT_YET_SUPPORTED',
    'JOB_NOT_FOUND',
  ])
  expect(await bundle.count('runs')).toBe(1)
  // One row with the run, one with the refusals.
  expect(await bundle.count('feed')).toBe(2)
})

test('a fire that is sent again after its job was disabled or deleted still has its run', async () => {
  await using bundle = await setup()
  const { live, create } = wayIn(bundle)
  live.set(jobId, { config: aJobConfig(), enabled: true, closing: false })
  const item = anItem()
  await create([item])
  live.set(jobId, { config: aJobConfig(), enabled: false, closing: false })
  expect(await create([item, anItem()])).toMatchObject([{ refused: undefined }, { refused: 'JOB_DISABLED' }])
  live.delete(jobId)
  expect(await create([item])).toMatchObject([{ refused: undefined }])
})

test('a fire of a job that is just being deleted is neither taken nor refused, and comes again', async () => {
  await using bundle = await setup()
  const { live, create } = wayIn(bundle)
  live.set(jobId, { config: aJobConfig(), enabled: true, closing: true })
  await expect(create([anItem()])).rejects.toThrow(/being deleted/)
  expect(await bundle.count('runs')).toBe(0)
  expect(await bundle.count('feed')).toBe(0)
})

test('the runs of a schedule have the tags of its job', async () => {
  await using bundle = await setup()
  const { live, create } = wayIn(bundle)
  live.set(jobId, { config: aJobConfig({ tags: { team: 'billing' } }), enabled: true, closing: false })
  await create([anItem()])
  expect(await bundle.count('runs', `tags = '{"team":"billing"}'`)).toBe(1)
})
