import { describe, expect, test } from 'vitest'
import { findRun } from '../src/store/find-run.ts'
import { finishAttempts } from '../src/store/finish-attempts.ts'
import { type Started, startAttempts } from '../src/store/start-attempts.ts'
import { aFinish, aStart, type StoreBundle, setup } from './store-bundle.ts'

async function started(bundle: StoreBundle, count: number): Promise<{ me: string; runs: Started[] }> {
  const me = await bundle.living()
  const waiting = await bundle.waiting(count)
  return {
    me,
    runs: await startAttempts(
      bundle.hot,
      { execId: me, generation: 1 },
      waiting.map((run) => aStart(run)),
    ),
  }
}
const writer = (execId: string) => ({ execId, generation: undefined })

describe('the end of attempts', () => {
  test('is written for the whole batch with one feed row, and asked again it finds nothing held', async () => {
    await using bundle = await setup()
    const { me, runs } = await started(bundle, 3)
    const ends = runs.map((run) => aFinish(run, me))
    const done = await finishAttempts(bundle.hot, writer(me), ends, Buffer.from('news'))
    expect(done).toMatchObject({ written: true, feed: { pos: expect.any(String) } })
    expect(await bundle.count('outcomes', "status = 'completed'")).toBe(3)
    expect(await bundle.count('attempts', "outcome = 'succeeded'")).toBe(3)
    expect(await bundle.count('queue')).toBe(0)
    const again = await finishAttempts(bundle.hot, writer(me), ends, Buffer.from('news'))
    expect(again).toMatchObject({ written: false, held: new Set() })
    expect(await bundle.count('feed')).toBe(1)
  })

  test('writes nothing when one of the batch is not held, and says which are', async () => {
    await using bundle = await setup()
    const { me, runs } = await started(bundle, 2)
    const [mine, notMine] = runs as [Started, Started]
    const ends = [aFinish(mine, me), aFinish(notMine, me, { fence: 99 })]
    const done = await finishAttempts(bundle.hot, writer(me), ends, Buffer.from('news'))
    expect(done).toMatchObject({ written: false, held: new Set([mine.runId]) })
    expect([await bundle.count('outcomes'), await bundle.count('feed'), await bundle.count('queue')]).toEqual(
      [0, 0, 2],
    )
  })

  test('arms a retry for its time, and the next start goes on counting attempts and fences', async () => {
    await using bundle = await setup()
    const { me, runs } = await started(bundle, 1)
    const [run] = runs as [Started]
    const dueAt = new Date(Date.now() + 60_000)
    const retry = {
      to: 'retry',
      outcome: 'retryable',
      status: undefined,
      result: undefined,
      dueAt,
      errorClass: 'http_status',
      errorMessage: 'the endpoint answered 503',
      httpStatus: 503,
    } as const
    await finishAttempts(bundle.hot, writer(me), [aFinish(run, me, retry)], undefined)
    const found = await findRun(bundle.db, run.projectId, run.runId)
    expect(found?.run).toMatchObject({
      status: 'delayed',
      attempt: 1,
      nextAttemptAt: dueAt,
      error: { class: 'http_status', httpStatus: 503 },
    })
    expect(await bundle.count('feed')).toBe(0)
    const again = await startAttempts(bundle.hot, { execId: me, generation: 1 }, [
      aStart({ id: run.runId }, { fence: run.fence }),
    ])
    expect(again).toMatchObject([{ attempt: 2, fence: 4 }])
  })

  test('gives an unsent attempt back without counting it', async () => {
    await using bundle = await setup()
    const { me, runs } = await started(bundle, 1)
    const [run] = runs as [Started]
    const back = {
      to: 'given_back',
      outcome: 'unsent',
      status: undefined,
      result: undefined,
      dueAt: new Date(),
      httpStatus: undefined,
    } as const
    await finishAttempts(bundle.hot, writer(me), [aFinish(run, me, back)], undefined)
    const again = await startAttempts(bundle.hot, { execId: me, generation: 1 }, [
      aStart({ id: run.runId }, { fence: run.fence }),
    ])
    expect(again).toMatchObject([{ attempt: 1, fence: 4 }])
  })
})

test('a run reads the same from its rows as it was written, at every point of its life', async () => {
  await using bundle = await setup()
  const { me, runs } = await started(bundle, 1)
  const [run] = runs as [Started]
  const executing = await findRun(bundle.db, run.projectId, run.runId)
  expect(executing).toMatchObject({
    run: { status: 'executing', attempt: 1, resolved: { version: 1 } },
    attempts: [{ attempt: 1, outcome: 'in_flight' }],
  })
  await finishAttempts(
    bundle.hot,
    writer(me),
    [aFinish(run, me, { result: '{"z":1,"a":9007199254740993}' })],
    undefined,
  )
  const completed = await findRun(bundle.db, run.projectId, run.runId)
  expect(completed?.run).toMatchObject({
    status: 'completed',
    attempt: 1,
    result: '{"z":1,"a":9007199254740993}',
    error: undefined,
  })
  expect(completed?.attempts).toMatchObject([
    { attempt: 1, outcome: 'succeeded', httpStatus: 200, startedAt: executing?.attempts[0]?.startedAt },
  ])
})

test("another project's run is not there", async () => {
  await using bundle = await setup()
  const [run] = await bundle.waiting(1)
  expect(await findRun(bundle.db, '01890000-0000-7000-8000-0000000000ff', run?.id ?? '')).toBeUndefined()
  expect(await findRun(bundle.db, run?.projectId ?? '', run?.id ?? '')).toBeDefined()
})
