import { newUuidv7 } from '@strait/domain/ids'
import { waitFor } from '@strait/testkit/wait-for'
import { expect, test } from 'vitest'
import type { DueItem, DueOutcome } from '../src/domain/due.ts'
import { createRepair } from '../src/loops/repair.ts'
import { insertFires } from '../src/store/insert-occurrences.ts'
import { closeOccurrences, takePending } from '../src/store/pending-occurrences.ts'
import { aSchedule, type Bundle, setup, silentEvents, silentLog } from './bundle.ts'

const bounds = { limit: 500, maxBytes: 7 * 2 ** 20, resendMs: 60_000 }

/** Records fires that are overdue after so long, and answers their run ids. */
async function insertPending(bundle: Bundle, count: number, { payload = '{}', resendMs = -1_000 } = {}) {
  const schedules = Array.from({ length: count }, () => aSchedule({ payload }))
  await bundle.insertSchedules(schedules)
  const fires = schedules.map(({ id }) => ({ scheduleId: id, nominalAt: new Date(0), runId: newUuidv7() }))
  const options = { resendMs, maxPayloadBytes: 0 }
  await bundle.db.transaction().execute((trx) => insertFires(trx, fires, options))
  return fires.map((fire) => fire.runId)
}

function repair(bundle: Bundle, createRuns: (items: readonly DueItem[]) => Promise<DueOutcome[]>) {
  return createRepair({ db: bundle.db, createRuns, resendMs: 90, events: silentEvents, log: silentLog })
}

const accept = ({ runId }: DueItem): DueOutcome => ({ runId, refused: undefined })

test('a fire is taken to be sent again only once its outcome is overdue', async () => {
  await using bundle = await setup()
  await insertPending(bundle, 1, { resendMs: 60_000 })
  const [overdue] = await insertPending(bundle, 1)
  const taken = await takePending(bundle.db, bounds)
  expect(taken.map((item) => item.runId)).toEqual([overdue])
  expect(await takePending(bundle.db, bounds)).toEqual([])
})

test('schedulers that look for overdue fires at once take each of them once', async () => {
  await using bundle = await setup()
  const runIds = await insertPending(bundle, 300)
  const taken = await Promise.all(
    Array.from({ length: 6 }, () => takePending(bundle.connect(1), { ...bounds, limit: 100 })),
  )
  const ids = taken.flat().map((item) => item.runId)
  expect(new Set(ids).size).toBe(ids.length)
  const rest = await takePending(bundle.db, bounds)
  expect([...ids, ...rest.map((item) => item.runId)].toSorted()).toEqual(runIds.toSorted())
})

test('what is taken at once is bounded in number and in bytes, and one large payload goes alone', async () => {
  await using bundle = await setup()
  await insertPending(bundle, 10, { payload: JSON.stringify('x'.repeat(1_000)) })
  expect(await takePending(bundle.db, { ...bounds, limit: 4 })).toHaveLength(4)
  expect(await takePending(bundle.db, { ...bounds, maxBytes: 2_500 })).toHaveLength(2)
  expect(await takePending(bundle.db, { ...bounds, maxBytes: 10 })).toHaveLength(1)
})

test('an outcome closes its row, and a second one changes nothing', async () => {
  await using bundle = await setup()
  const [fired = '', refused = '', waiting = ''] = await insertPending(bundle, 3)
  const outcomes = [
    { runId: fired, refused: undefined },
    { runId: refused, refused: 'JOB_NOT_FOUND' },
    { runId: newUuidv7(), refused: undefined },
  ]
  expect(await closeOccurrences(bundle.db, outcomes)).toEqual({ fired: 1, refused: 1, skipped: 0 })
  const contrary = [
    { runId: fired, refused: 'JOB_NOT_FOUND' },
    { runId: refused, refused: undefined },
  ]
  expect(await closeOccurrences(bundle.db, contrary)).toEqual({ fired: 0, refused: 0, skipped: 0 })
  const rows = new Map((await bundle.ledger()).map((row) => [row.runId, row]))
  expect(rows.get(fired)).toMatchObject({ outcome: 'fired', reason: null, payload: null })
  expect(rows.get(refused)).toMatchObject({ outcome: 'refused', reason: 'JOB_NOT_FOUND', payload: null })
  expect(rows.get(waiting)).toMatchObject({ outcome: 'pending', payload: '{}' })
})

test('a fire that met a disabled job is closed as one that was skipped for that', async () => {
  await using bundle = await setup()
  const [runId] = await insertPending(bundle, 1)
  const closed = await closeOccurrences(bundle.db, [{ runId: runId ?? '', refused: 'JOB_DISABLED' }])
  expect(closed).toEqual({ fired: 0, refused: 0, skipped: 1 })
  expect(await bundle.ledger()).toMatchObject([{ outcome: 'skipped', reason: 'disabled', payload: null }])
})

test('the same outcomes told to several schedulers at once close each row once', async () => {
  await using bundle = await setup()
  const outcomes = (await insertPending(bundle, 200)).map((runId) => ({ runId, refused: undefined }))
  const closed = await Promise.all([
    closeOccurrences(bundle.connect(1), outcomes),
    closeOccurrences(bundle.connect(1), outcomes.toReversed()),
    closeOccurrences(bundle.connect(1), [...outcomes, ...outcomes]),
  ])
  expect(closed.reduce((sum, { fired }) => sum + fired, 0)).toBe(200)
})

test('a fire that could not be sent is sent again under the same run id until it has its outcome', async () => {
  await using bundle = await setup()
  const [runId] = await insertPending(bundle, 1)
  const asked: string[] = []
  const loop = repair(bundle, async (items) => {
    asked.push(...items.map((item) => item.runId))
    if (asked.length < 3) throw new Error('the dispatcher is away')
    return items.map(accept)
  })
  await loop.start()
  try {
    await waitFor(async () => (await bundle.ledger())[0]?.outcome === 'fired', { what: 'the outcome' })
  } finally {
    await loop.stop()
  }
  expect(asked).toEqual([runId, runId, runId])
})

test('fires too large for a message are sent at once, in calls that hold them', async () => {
  await using bundle = await setup()
  const payload = JSON.stringify('x'.repeat(2 ** 20 - 2))
  const runIds = await insertPending(bundle, 9, { payload, resendMs: 60_000 })
  const calls: number[] = []
  const loop = repair(bundle, async (items) => {
    calls.push(items.length)
    return items.map(accept)
  })
  await loop.sendOverRpc(runIds)
  expect(calls).toEqual([7, 2])
  expect(new Set((await bundle.ledger()).map((row) => row.outcome))).toEqual(new Set(['fired']))
})
