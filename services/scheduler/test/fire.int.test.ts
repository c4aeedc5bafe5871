import { newUuidv7 } from '@strait/domain/ids'
import { waitFor } from '@strait/testkit/wait-for'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { createFire, type FireLoop } from '../src/loops/fire.ts'
import type { Db } from '../src/store/db.ts'
import { advanceSchedules, lockDueSchedules } from '../src/store/due-schedules.ts'
import { insertFires, type RecordedFire } from '../src/store/insert-occurrences.ts'
import { findSchedulesWithoutNextFire } from '../src/store/schedules.ts'
import { aSchedule, minutesAgo, newYear, setup, silentEvents, silentLog } from './bundle.ts'

function fireLoop(db: Db, { batchSize = 2_000, resendMs = 3_000 } = {}): FireLoop & { sent: RecordedFire[] } {
  const sent: RecordedFire[] = []
  const loop = createFire({
    db,
    send: async (fires) => void sent.push(...fires),
    resendMs,
    maxPayloadBytes: 16 * 1024,
    batchSize,
    events: silentEvents,
    log: silentLog,
  })
  return { ...loop, sent }
}

async function untilNothingIsDue(loop: FireLoop): Promise<void> {
  for (let more = true; more; ) more = (await loop.runOnce()).more
}

test('a due schedule becomes a pending row with a run id, and moves to its next time', async () => {
  await using bundle = await setup()
  const schedule = aSchedule()
  await bundle.insertSchedules([schedule])
  const loop = fireLoop(bundle.db)
  expect(await loop.runOnce()).toEqual({ fired: 1, more: false })
  const [row] = await bundle.ledger()
  expect(row).toMatchObject({
    scheduleId: schedule.id,
    nominalAt: schedule.nextFireAt,
    outcome: 'pending',
    payload: schedule.payload,
  })
  expect(loop.sent).toEqual([
    {
      runId: row!.runId,
      projectId: schedule.projectId,
      jobId: schedule.id,
      scheduleId: schedule.id,
      nominalAt: schedule.nextFireAt,
      payload: schedule.payload,
    },
  ])
  expect((await bundle.schedules())[0]?.nextFireAt).toEqual(newYear())
})

test('eight schedulers fire a thousand due schedules, each time once and each under one run id', async () => {
  await using bundle = await setup()
  await bundle.insertSchedules(Array.from({ length: 1_000 }, () => aSchedule()))
  const loops = Array.from({ length: 8 }, () => fireLoop(bundle.connect(2), { batchSize: 25 }))
  await Promise.all(loops.map(untilNothingIsDue))
  // Whoever met only locked rows was done early: what is left after that is nobody's.
  await untilNothingIsDue(fireLoop(bundle.db))

  const ledger = await bundle.ledger()
  expect(ledger).toHaveLength(1_000)
  expect(new Set(ledger.map((row) => row.scheduleId)).size).toBe(1_000)
  const sent = loops.flatMap((loop) => loop.sent.map((fire) => fire.runId))
  expect(sent.toSorted()).toEqual(ledger.map((row) => row.runId).toSorted())
  expect(loops.filter((loop) => loop.sent.length > 0).length).toBeGreaterThan(1)
})

test('a scheduler that dies in the middle of a fire leaves nothing, and another one fires', async () => {
  await using bundle = await setup()
  const schedule = aSchedule()
  await bundle.insertSchedules([schedule])
  const dying = bundle
    .connect(1)
    .transaction()
    .execute(async (trx) => {
      const [due] = await lockDueSchedules(trx, 10)
      const runId = '0199c0de-0000-7000-8000-000000000001'
      const nominalAt = due!.nextFireAt
      await insertFires(trx, [{ scheduleId: due!.id, nominalAt, runId }], {
        resendMs: 3_000,
        maxPayloadBytes: 1,
      })
      await advanceSchedules(trx, [{ id: due!.id, nextFireAt: newYear(), missedFrom: null }])
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(trx)
      const other = fireLoop(bundle.db)
      expect(await other.runOnce()).toEqual({ fired: 0, more: false })
      await sql`select pg_terminate_backend(${rows[0]?.pid})`.execute(bundle.db)
      await sql`select 1`.execute(trx)
    })
  await expect(dying).rejects.toThrow()

  const loop = fireLoop(bundle.db)
  expect(await loop.runOnce()).toEqual({ fired: 1, more: false })
  const ledger = await bundle.ledger()
  expect(ledger.map((row) => row.runId)).toEqual(loop.sent.map((fire) => fire.runId))
  expect(ledger).toHaveLength(1)
})

test('a time that the ledger has already keeps its row and is not sent again', async () => {
  await using bundle = await setup()
  const schedule = aSchedule()
  await bundle.insertSchedules([schedule])
  await fireLoop(bundle.db).runOnce()
  const before = await bundle.ledger()
  // A clock that was set back, or an edit that was read again: the schedule is due at the same time once more.
  await bundle.insertSchedules([schedule])
  const loop = fireLoop(bundle.db)
  await loop.runOnce()
  expect(loop.sent).toEqual([])
  expect(await bundle.ledger()).toEqual(before)
})

test('after a sleep the missed times are one row and the time that is due fires', async () => {
  await using bundle = await setup()
  const schedule = aSchedule({ cron: '*/5 * * * *', nextFireAt: roundedDown(5, 63) })
  await bundle.insertSchedules([schedule])
  await untilNothingIsDue(fireLoop(bundle.db))
  const ledger = await bundle.ledger()
  expect(ledger.map((row) => row.outcome)).toEqual(['missed', 'pending'])
  const [missed, fired] = ledger
  expect(missed).toMatchObject({ nominalAt: schedule.nextFireAt, runId: null, payload: null })
  expect(missed!.throughAt.getTime() - missed!.nominalAt.getTime()).toBe((missed!.count - 1) * 300_000)
  expect(fired!.nominalAt.getTime() - missed!.throughAt.getTime()).toBe(300_000)
})

test('a sleep of days is recorded in slices that are one row in the end', async () => {
  await using bundle = await setup()
  const schedule = aSchedule({ cron: '* * * * *', nextFireAt: minutesAgo(3 * 1_440) })
  await bundle.insertSchedules([schedule])
  const loop = fireLoop(bundle.db)
  expect(await loop.runOnce()).toEqual({ fired: 0, more: true })
  await untilNothingIsDue(loop)
  const [missed, ...fired] = await bundle.ledger()
  expect(missed).toMatchObject({ nominalAt: schedule.nextFireAt, outcome: 'missed' })
  const next = (await bundle.schedules())[0]!.nextFireAt!
  const minutes = (next.getTime() - schedule.nextFireAt!.getTime()) / 60_000
  expect(missed!.count + fired.length).toBe(minutes)
  expect(fired.map((row) => row.outcome)).toEqual(fired.map(() => 'pending'))
  expect(fired.length).toBeGreaterThan(0)
})

test('a payload that is too large for a message is stored and not read back', async () => {
  await using bundle = await setup()
  const payload = JSON.stringify('x'.repeat(20_000))
  await bundle.insertSchedules([aSchedule({ payload })])
  const loop = fireLoop(bundle.db)
  await loop.runOnce()
  expect(loop.sent.map((fire) => fire.payload)).toEqual([null])
  expect((await bundle.ledger())[0]?.payload).toBe(payload)
})

test('a running loop wakes for the next time by itself, and never before it', async () => {
  await using bundle = await setup()
  const loop = fireLoop(bundle.db)
  const nextFireAt = new Date(Date.now() + 400)
  await bundle.insertSchedules([aSchedule({ nextFireAt })])
  await loop.start()
  try {
    const [row] = await waitFor(async () => loop.sent.length > 0 && bundle.ledger(), { what: 'the fire' })
    expect(row!.createdAt.getTime()).toBeGreaterThanOrEqual(nextFireAt.getTime())
  } finally {
    await loop.stop()
  }
})

test('a schedule whose expression cannot be read is found, and stops nobody else', async () => {
  await using bundle = await setup()
  const broken = aSchedule({ cron: '99 * * * *' })
  await bundle.insertSchedules([broken, aSchedule(), aSchedule()])
  await untilNothingIsDue(fireLoop(bundle.db))
  expect(await bundle.ledger()).toHaveLength(3)
  expect(await findSchedulesWithoutNextFire(bundle.db, 10)).toEqual([broken.id])
})

function roundedDown(minutes: number, ago: number): Date {
  const step = minutes * 60_000
  return new Date(Math.floor((Date.now() - ago * 60_000) / step) * step)
}

test('while a job is disabled its times are skipped, all in one row, and nothing is sent', async () => {
  await using bundle = await setup()
  const schedule = aSchedule({ cron: '* * * * *', enabled: false, nextFireAt: minutesAgo(5) })
  await bundle.insertSchedules([schedule])
  const loop = fireLoop(bundle.db)
  await untilNothingIsDue(loop)
  const [first, ...none] = await bundle.ledger()
  expect(none).toEqual([])
  expect(first).toMatchObject({
    nominalAt: minutesAgo(5),
    outcome: 'skipped',
    reason: 'disabled',
    runId: null,
  })
  // The next time comes, and the row grows by one.
  const told = await bundle.schedules()
  await sql`update occurrences set through_at = through_at - interval '1 minute', count = count - 1`.execute(
    bundle.db,
  )
  await sql`update schedules set next_fire_at = next_fire_at - interval '1 minute'`.execute(bundle.db)
  await untilNothingIsDue(loop)
  expect(await bundle.ledger()).toEqual([first])
  expect(await bundle.schedules()).toEqual(told)
  expect(loop.sent).toEqual([])
})

test('a range that goes on gets a row for what is new of it when its row is gone', async () => {
  await using bundle = await setup()
  const schedule = aSchedule({
    cron: '* * * * *',
    enabled: false,
    nextFireAt: minutesAgo(2),
    missedFrom: minutesAgo(60),
  })
  await bundle.insertSchedules([schedule])
  await untilNothingIsDue(fireLoop(bundle.db))
  expect((await bundle.ledger())[0]).toMatchObject({ nominalAt: minutesAgo(2), outcome: 'skipped' })
})

test('a range that begins at a time that fired is not lost: what follows that time gets its row', async () => {
  await using bundle = await setup()
  const [fires, next] = [minutesAgo(3), minutesAgo(2)]
  // Its job was disabled with another timetable, which names the time that fired, too.
  const schedule = aSchedule({ cron: '* * * * *', enabled: false, nextFireAt: next, missedFrom: fires })
  await bundle.insertSchedules([schedule])
  const fire = { scheduleId: schedule.id, nominalAt: fires, runId: newUuidv7() }
  await bundle.db
    .transaction()
    .execute((trx) => insertFires(trx, [fire], { resendMs: 3_000, maxPayloadBytes: 1_000 }))
  await untilNothingIsDue(fireLoop(bundle.db))
  const [fired, skipped] = await bundle.ledger()
  expect(fired).toMatchObject({ nominalAt: fires, throughAt: fires, outcome: 'pending' })
  expect(skipped).toMatchObject({ nominalAt: next, outcome: 'skipped' })
})
