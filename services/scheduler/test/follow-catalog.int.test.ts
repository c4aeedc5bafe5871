import { newUuidv7 } from '@strait/domain/ids'
import { expect, test } from 'vitest'
import type { ChangedJob } from '../src/domain/change-schedule.ts'
import { type ChangedJobs, createFollowCatalog } from '../src/loops/follow-catalog.ts'
import type { Db } from '../src/store/db.ts'
import type { RecordedFire } from '../src/store/insert-occurrences.ts'
import { loadCatalogCursor } from '../src/store/schedules.ts'
import { aSchedule, minutesAgo, newYear, setup, silentEvents, silentLog, yearly } from './bundle.ts'

function aJob(more: Partial<ChangedJob> = {}): ChangedJob {
  return {
    id: newUuidv7(),
    projectId: newUuidv7(),
    version: 1,
    timetable: { cron: yearly, timezone: 'UTC' },
    enabled: true,
    payload: '{}',
    changedAt: new Date(),
    ...more,
  }
}

/** A scheduler that is told these changes, each batch after the one before it. */
function follower(db: Db, batches: readonly (readonly ChangedJob[])[]) {
  const sent: RecordedFire[] = []
  const asked: string[] = []
  const changedJobs = async (since: string): Promise<ChangedJobs> => {
    asked.push(since)
    const at = Number(since || '0')
    const jobs = batches[at] ?? []
    return { jobs, next: String(Math.min(at + 1, batches.length)), more: at + 1 < batches.length }
  }
  const loop = createFollowCatalog({
    db,
    changedJobs,
    send: async (fires) => void sent.push(...fires),
    onSchedules: () => undefined,
    resendMs: 3_000,
    maxPayloadBytes: 16 * 1024,
    intervalMs: 1_000,
    events: silentEvents,
    log: silentLog,
  })
  return { ...loop, sent, asked }
}

test('a job with a cron becomes a schedule, one without it does not', async () => {
  await using bundle = await setup()
  const job = aJob({ version: 3 })
  await follower(bundle.db, [[job, aJob({ timetable: undefined })]]).runOnce()
  expect(await bundle.schedules()).toEqual([{ id: job.id, nextFireAt: newYear(), jobVersion: 3 }])
})

test('all batches of changes are taken, and the next turn goes on where they ended', async () => {
  await using bundle = await setup()
  const loop = follower(bundle.db, [[aJob()], [aJob()], [aJob()]])
  await loop.runOnce()
  await loop.runOnce()
  expect(loop.asked).toEqual(['', '1', '2', '3'])
  expect(await bundle.schedules()).toHaveLength(3)
  expect(await loadCatalogCursor(bundle.db)).toBe('3')
})

test('a job that lost its cron loses its schedule, and its part of the ledger stays', async () => {
  await using bundle = await setup()
  const schedule = aSchedule({ nextFireAt: new Date(Date.now() - 10_000) })
  await bundle.insertSchedules([schedule])
  const job = aJob({ id: schedule.id, timetable: undefined })
  const loop = follower(bundle.db, [[job]])
  await loop.runOnce()
  expect(await bundle.schedules()).toEqual([])
  // Its last time was due before the edit and is still fired.
  const ledger = await bundle.ledger()
  expect(ledger).toMatchObject([
    { scheduleId: schedule.id, nominalAt: schedule.nextFireAt, outcome: 'pending' },
  ])
  expect(loop.sent.map((fire) => fire.runId)).toEqual([ledger[0]?.runId])
})

test('an edit of the payload leaves a time that is due as it is, and it fires with the new payload', async () => {
  await using bundle = await setup()
  const schedule = aSchedule()
  await bundle.insertSchedules([schedule])
  const job = aJob({ id: schedule.id, version: 2, payload: '{"new":true}' })
  await follower(bundle.db, [[job]]).runOnce()
  expect(await bundle.schedules()).toEqual([
    { id: schedule.id, nextFireAt: schedule.nextFireAt, jobVersion: 2 },
  ])
  expect(await bundle.ledger()).toEqual([])
})

test('what an old timetable owes is recorded with the version and the payload it had', async () => {
  await using bundle = await setup()
  const schedule = aSchedule({ payload: '{"old":true}' })
  await bundle.insertSchedules([schedule])
  const timetable = { cron: '0 12 1 1 *', timezone: 'UTC' }
  const job = aJob({ id: schedule.id, version: 2, timetable, payload: '{"new":true}' })
  await follower(bundle.db, [[job]]).runOnce()
  expect(await bundle.ledger()).toMatchObject([{ nominalAt: schedule.nextFireAt, payload: '{"old":true}' }])
  expect((await bundle.schedules())[0]?.nextFireAt).toEqual(new Date(newYear().getTime() + 12 * 3_600_000))
})

test('two schedulers that learn of the same change take it once', async () => {
  await using bundle = await setup()
  const schedules = Array.from({ length: 50 }, () => aSchedule())
  await bundle.insertSchedules(schedules)
  const jobs = schedules.map(({ id }) => aJob({ id, timetable: undefined }))
  const loops = Array.from({ length: 4 }, () => follower(bundle.connect(1), [jobs]))
  await Promise.all(loops.map((loop) => loop.runOnce()))
  expect(loops.map((loop) => loop.sent.length).toSorted()).toEqual([0, 0, 0, 50])
  expect(await bundle.ledger()).toHaveLength(50)
})

test('a job that comes twice in one batch is taken as it came last', async () => {
  await using bundle = await setup()
  const job = aJob()
  await follower(bundle.db, [[job, { ...job, version: 2 }]]).runOnce()
  expect(await bundle.schedules()).toMatchObject([{ id: job.id, jobVersion: 2 }])
})

test('a job that is disabled keeps its schedule, silent; enabled again, it fires from then on and the times between are skipped', async () => {
  await using bundle = await setup()
  const job = aJob({ timetable: { cron: '* * * * *', timezone: 'UTC' }, enabled: false })
  const schedule = aSchedule({ id: job.id, cron: '* * * * *', nextFireAt: minutesAgo(3) })
  await bundle.insertSchedules([schedule])
  const disabledAt = new Date(minutesAgo(3).getTime() + 1)
  const loop = follower(bundle.db, [
    [{ ...job, changedAt: disabledAt }],
    [{ ...job, version: 2, enabled: true, changedAt: new Date() }],
  ])
  await loop.runOnce()
  const skipped = (await bundle.ledger()).filter((row) => row.outcome === 'skipped')
  expect(skipped).toMatchObject([{ nominalAt: minutesAgo(2), reason: 'disabled' }])
  expect((await bundle.ledger()).filter((row) => row.outcome === 'missed')).toEqual([])
  expect((await bundle.schedules())[0]?.nextFireAt?.getTime()).toBeGreaterThan(minutesAgo(0).getTime())
})
