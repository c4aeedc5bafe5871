import { newUuidv7 } from '@strait/domain/ids'
import { waitFor } from '@strait/testkit/wait-for'
import { expect, test } from 'vitest'
import type { NewRun } from '../src/domain/run.ts'
import { insertRuns } from '../src/store/insert-runs.ts'
import { aNewRun, setup } from './store-bundle.ts'

test('a batch is stored whole: the runs, their place in the queue, and one feed row', async () => {
  await using bundle = await setup()
  const runs = [aNewRun({ payload: '{"b":1,"a":9007199254740993}' }), aNewRun()]
  const { results, feed } = await insertRuns(bundle.db, runs, Buffer.from('news'))
  expect(results.map((result) => result.kind)).toEqual(['created', 'created'])
  expect(await bundle.count('runs')).toBe(2)
  expect(await bundle.count('queue', "status = 'ready'")).toBe(2)
  expect(await bundle.count('feed', `body = 'news' and pos = ${feed?.pos}`)).toBe(1)
  const { rows } = await bundle.db.query<{ payload: string }>('select payload from runs where id = $1', [
    runs[0]?.id,
  ])
  expect(rows[0]?.payload).toBe('{"b":1,"a":9007199254740993}')
})

test('two runs with one key in one batch make one run, and both are told of it', async () => {
  await using bundle = await setup()
  const runs = [
    aNewRun({ idempotencyKey: 'k' }),
    aNewRun({ idempotencyKey: 'k' }),
    aNewRun({ idempotencyKey: 'other' }),
  ]
  const { results } = await insertRuns(bundle.db, runs, undefined)
  expect(results).toMatchObject([
    { kind: 'created' },
    { kind: 'existed', runId: runs[0]?.id },
    { kind: 'created' },
  ])
  expect(await bundle.count('runs')).toBe(2)
  expect(await bundle.count('queue')).toBe(2)
})

test('fifty parallel batches with the same keys in different orders make one run a key, and nobody waits for ever', async () => {
  await using bundle = await setup()
  const keys = ['a', 'b', 'c', 'd']
  const batches = Array.from({ length: 50 }, (_, i) => {
    const order = i % 2 === 0 ? keys : keys.toReversed()
    return order.map((idempotencyKey) => aNewRun({ idempotencyKey }))
  })
  const answers = await Promise.all(batches.map((batch) => insertRuns(bundle.db, batch, undefined)))
  expect(await bundle.count('runs')).toBe(keys.length)
  const runIds = new Map<string, Set<string>>()
  for (const [i, { results }] of answers.entries()) {
    for (const [j, result] of results.entries()) {
      const run = batches[i]?.[j]
      const id = result.kind === 'existed' ? result.runId : (run?.id ?? '')
      runIds.set(run?.idempotencyKey ?? '', (runIds.get(run?.idempotencyKey ?? '') ?? new Set()).add(id))
    }
  }
  expect([...runIds.values()].map((ids) => ids.size)).toEqual([1, 1, 1, 1])
})

test('a key belongs to its job: another job may use it too', async () => {
  await using bundle = await setup()
  await insertRuns(bundle.db, [aNewRun({ idempotencyKey: 'k' })], undefined)
  const { results } = await insertRuns(
    bundle.db,
    [aNewRun({ idempotencyKey: 'k', jobId: newUuidv7() })],
    undefined,
  )
  expect(results[0]?.kind).toBe('created')
})

test('an occurrence that is delivered twice is one run', async () => {
  await using bundle = await setup()
  const occurrence = { scheduleId: newUuidv7(), nominalAt: new Date() }
  const run = aNewRun({ triggeredBy: 'cron', occurrence })
  const first = await insertRuns(bundle.db, [run], undefined)
  const second = await insertRuns(bundle.db, [run], undefined)
  expect([first.results[0]?.kind, second.results[0]?.kind]).toEqual(['created', 'existed'])
  expect(await bundle.count('queue')).toBe(1)
})

test('a batch with a row that cannot be stored stores nothing at all', async () => {
  await using bundle = await setup()
  const bad = aNewRun({ payload: 'a\0b' })
  await expect(insertRuns(bundle.db, [aNewRun(), bad], Buffer.from('news'))).rejects.toMatchObject({
    code: '22021',
  })
  expect([await bundle.count('runs'), await bundle.count('queue'), await bundle.count('feed')]).toEqual([
    0, 0, 0,
  ])
})

test('the same occurrences sent twice, in two orders, at the same time, are stored once and lock nobody out', async () => {
  await using bundle = await setup()
  const [a, between, b] = [1, 2, 3].map(() =>
    aNewRun({
      triggeredBy: 'cron',
      occurrence: { scheduleId: newUuidv7(), nominalAt: new Date(0) },
    }),
  ) as [NewRun, NewRun, NewRun]
  // Each of the two has stored its first run when it waits for the one between.
  const client = await bundle.db.connect()
  await client.query('begin')
  await insertRuns(client, [between], undefined)
  const both = Promise.all([
    insertRuns(bundle.db, [a, between, b], undefined),
    insertRuns(bundle.db, [b, between, a], undefined),
  ])
  await waitFor(
    async () =>
      (await bundle.count(
        'pg_stat_activity',
        'datname = current_database() and cardinality(pg_blocking_pids(pid)) > 0',
      )) === 2,
    { what: 'both to wait' },
  )
  await client.query('rollback')
  client.release()
  await both
  expect(await bundle.count('runs')).toBe(3)
  expect(await bundle.count('queue')).toBe(3)
})
