import { waitFor } from '@strait/testkit/wait-for'
import { describe, expect, test } from 'vitest'
import {
  claimShards,
  giveUpShards,
  listDispatchers,
  listShards,
  renewLease,
  retireDispatcher,
  takeOver,
} from '../src/store/dispatchers.ts'
import { finishAttempts } from '../src/store/finish-attempts.ts'
import { insertRuns } from '../src/store/insert-runs.ts'
import { findLostAttempts } from '../src/store/lost-attempts.ts'
import { type Started, startAttempts } from '../src/store/start-attempts.ts'
import { aFinish, aNewRun, aStart, type StoreBundle, setup, shard } from './store-bundle.ts'

/** Makes a lease lapse by the database's own clock. */
async function lapse(bundle: StoreBundle, execId: string): Promise<void> {
  await bundle.db.query(
    `update dispatchers set lease_until = clock_timestamp() - interval '1 ms' where exec_id = $1`,
    [execId],
  )
}

/** Resolves when some backend waits for a row lock. */
async function somebodyWaits(bundle: StoreBundle): Promise<void> {
  const waiting = async () =>
    (await bundle.count(
      'pg_stat_activity',
      'datname = current_database() and cardinality(pg_blocking_pids(pid)) > 0',
    )) > 0
  await waitFor(waiting, { what: 'a backend that waits for a lock' })
}

describe('a start', () => {
  test('is recorded once, however many dispatchers try', async () => {
    await using bundle = await setup()
    const runs = await bundle.waiting(50)
    const execs = await Promise.all(Array.from({ length: 8 }, () => bundle.living()))
    const starts = runs.map((run) => aStart(run))
    const answers = await Promise.all(
      execs.map((execId) => startAttempts(bundle.db, { execId, generation: 1 }, starts)),
    )
    const started = answers.flat().map((run) => run.runId)
    expect(started.length).toBe(50)
    expect(new Set(started).size).toBe(50)
  })

  test('that is asked for again after an unknown commit is answered as it was recorded', async () => {
    await using bundle = await setup()
    const [run] = await bundle.waiting(1)
    const me = { execId: await bundle.living(), generation: 1 }
    const first = await startAttempts(bundle.hot, me, [aStart(run as never)])
    const again = await startAttempts(bundle.hot, me, [aStart(run as never)], true)
    expect(first).toMatchObject([{ attempt: 1, fence: 2 }])
    expect(again).toEqual(first)
  })

  test('whose fate is not known is found again under a lapsed lease, to be given back; nothing new is recorded', async () => {
    await using bundle = await setup()
    const [recorded, other] = await bundle.waiting(2)
    const me = { execId: await bundle.living(), generation: 1 }
    await startAttempts(bundle.hot, me, [aStart(recorded as never)])
    await lapse(bundle, me.execId)
    const again = await startAttempts(
      bundle.hot,
      me,
      [aStart(recorded as never), aStart(other as never)],
      true,
    )
    expect(again.map((run) => run.runId)).toEqual([recorded?.id])
  })

  test('from an entry that was read before the run started is not answered: it is not sent twice', async () => {
    await using bundle = await setup()
    const [run] = await bundle.waiting(1)
    const me = { execId: await bundle.living(), generation: 1 }
    await startAttempts(bundle.hot, me, [aStart(run as never)])
    expect(await startAttempts(bundle.hot, me, [aStart(run as never)])).toEqual([])
  })

  test.each([
    ['from another fence', {}, { fence: 2 }],
    ['under another generation', { generation: 2 }, {}],
  ])('%s records nothing', async (_, over, start) => {
    await using bundle = await setup()
    const [run] = await bundle.waiting(1)
    const me = { execId: await bundle.living(), generation: 1, ...over }
    expect(await startAttempts(bundle.hot, me, [aStart(run as never, start)])).toEqual([])
    expect(await bundle.count('queue', "status = 'executing'")).toBe(0)
  })

  test('after the lease lapsed records nothing, also when nobody took over yet', async () => {
    await using bundle = await setup()
    const [run] = await bundle.waiting(1)
    const execId = await bundle.living()
    await lapse(bundle, execId)
    expect(await startAttempts(bundle.hot, { execId, generation: 1 }, [aStart(run as never)])).toEqual([])
  })

  test('brings no more payloads than can be sent in time: the others are left waiting, in order', async () => {
    await using bundle = await setup()
    const runs = Array.from({ length: 12 }, () => aNewRun({ payload: JSON.stringify('x'.repeat(2 ** 20)) }))
    await insertRuns(bundle.db, runs, undefined)
    const me = { execId: await bundle.living(), generation: 1 }
    const started = await startAttempts(
      bundle.hot,
      me,
      runs.map((run) => aStart(run)),
    )
    expect(started.map((run) => run.runId).sort()).toEqual(runs.slice(0, 8).map((run) => run.id))
    const rest = runs.slice(8).map((run) => aStart(run))
    expect((await startAttempts(bundle.hot, me, rest)).length).toBe(4)
  })

  test('stays a HOT update: no index is written for it', async () => {
    await using bundle = await setup()
    const runs = await bundle.waiting(100)
    await startAttempts(
      bundle.hot,
      { execId: await bundle.living(), generation: 1 },
      runs.map((run) => aStart(run)),
    )
    const statistics = async () => {
      await bundle.hot.query('select pg_stat_force_next_flush()')
      await bundle.db.query('select pg_stat_clear_snapshot()')
      const { rows } = await bundle.db.query<{ updates: number; hot: number }>(
        "select n_tup_upd::int4 as updates, n_tup_hot_upd::int4 as hot from pg_stat_user_tables where relname = 'queue'",
      )
      return rows[0]
    }
    const seen = await waitFor(
      async () => ((await statistics())?.updates === 100 ? await statistics() : undefined),
      {
        what: '100 counted updates',
      },
    )
    expect(seen?.hot).toBeGreaterThan(85)
  })
})

describe('a take-over', () => {
  test('waits for a start under way, and what is read after it sees that start', async () => {
    await using bundle = await setup()
    const [run] = await bundle.waiting(1)
    const dead = await bundle.living(100)
    const client = await bundle.db.connect()
    await client.query('begin')
    const started = await startAttempts(client, { execId: dead, generation: 1 }, [aStart(run as never)])
    await lapse(bundle, dead)
    const takingOver = takeOver(bundle.db, dead)
    await somebodyWaits(bundle)
    await client.query('commit')
    client.release()
    expect(started.length).toBe(1)
    expect(await takingOver).toBe(true)
    expect(await findLostAttempts(bundle.db, [shard], 10)).toMatchObject([
      { runId: run?.id, attempt: 1, fence: 2, holder: dead },
    ])
  })

  test('that comes first makes a start that waited for it record nothing', async () => {
    await using bundle = await setup()
    const [run] = await bundle.waiting(1)
    const dead = await bundle.living()
    const client = await bundle.db.connect()
    await client.query('begin')
    await client.query('select 1 from dispatchers where exec_id = $1 for update', [dead])
    await client.query(`update dispatchers set lease_until = '-infinity' where exec_id = $1`, [dead])
    const starting = startAttempts(bundle.hot, { execId: dead, generation: 1 }, [aStart(run as never)])
    await somebodyWaits(bundle)
    await client.query('commit')
    client.release()
    expect(await starting).toEqual([])
    expect(await bundle.count('queue', "status = 'executing'")).toBe(0)
  })

  test('happens once, and never to one that renewed in time', async () => {
    await using bundle = await setup()
    const [lapsed, renewed] = [await bundle.living(), await bundle.living()]
    await lapse(bundle, lapsed)
    await lapse(bundle, renewed)
    expect(await renewLease(bundle.db, renewed, 60_000)).toBeInstanceOf(Date)
    const outcomes = await Promise.all(Array.from({ length: 6 }, () => takeOver(bundle.db, lapsed)))
    expect(outcomes.filter(Boolean).length).toBe(1)
    expect(await takeOver(bundle.db, renewed)).toBe(false)
  })

  test('frees the shards, and the living share them without overlap', async () => {
    await using bundle = await setup()
    const dead = await bundle.living()
    expect((await claimShards(bundle.db, dead, 64)).length).toBe(64)
    await lapse(bundle, dead)
    await takeOver(bundle.db, dead)
    const [a, b] = [await bundle.living(), await bundle.living()]
    const [mine, yours] = await Promise.all([claimShards(bundle.db, a, 32), claimShards(bundle.db, b, 32)])
    const all = [...mine, ...yours, ...(await claimShards(bundle.db, a, 64))]
    expect(new Set(all).size).toBe(all.length)
    expect((await listShards(bundle.db)).every(({ owner }) => owner === a || owner === b)).toBe(true)
  })
})

describe('a dead incarnation', () => {
  async function deadWithOneAttempt(bundle: StoreBundle): Promise<{ dead: string; run: Started }> {
    const [run] = await bundle.waiting(1)
    const dead = await bundle.living()
    const [started] = await startAttempts(bundle.hot, { execId: dead, generation: 1 }, [aStart(run as never)])
    await lapse(bundle, dead)
    await takeOver(bundle.db, dead)
    return { dead, run: started as Started }
  }

  test('changes no row, whatever it tries', async () => {
    await using bundle = await setup()
    const { dead, run } = await deadWithOneAttempt(bundle)
    const [other] = await bundle.waiting(1)
    const dump = async () => {
      const tables = ['dispatchers', 'shards', 'runs', 'queue', 'attempts', 'outcomes', 'feed', 'dedup']
      return Promise.all(
        tables.map(async (table) => (await bundle.db.query(`select *, xmin from ${table} order by 1`)).rows),
      )
    }
    const before = await dump()
    const finished = await finishAttempts(
      bundle.hot,
      { execId: dead, generation: undefined },
      [aFinish(run, dead)],
      Buffer.from('x'),
    )
    expect(finished.written).toBe(false)
    expect(
      await startAttempts(bundle.hot, { execId: dead, generation: 1 }, [aStart(other as never)]),
    ).toEqual([])
    expect(await renewLease(bundle.db, dead, 60_000)).toBeUndefined()
    expect(await claimShards(bundle.db, dead, 64)).toEqual([])
    expect(await giveUpShards(bundle.db, dead, [1])).toBeUndefined()
    expect(await dump()).toEqual(before)
  })

  test("loses its attempt to the shard's owner, and two owners record the loss once", async () => {
    await using bundle = await setup()
    const { dead, run } = await deadWithOneAttempt(bundle)
    const lost = {
      to: 'retry',
      outcome: 'lost',
      status: undefined,
      result: undefined,
      httpStatus: undefined,
      dueAt: new Date(),
    } as const
    const owners = [await bundle.living(), await bundle.living()]
    const written = await Promise.all(
      owners.map((execId) =>
        finishAttempts(bundle.db, { execId, generation: 1 }, [aFinish(run, dead, lost)], undefined),
      ),
    )
    expect(written.filter((each) => each.written).length).toBe(1)
    expect(await bundle.count('attempts', "outcome = 'lost'")).toBe(1)
    expect(await bundle.count('queue', "status = 'ready' and attempt = 1 and losses = 1 and fence = 2")).toBe(
      1,
    )
  })

  test('that retired of its own will frees its shards at once', async () => {
    await using bundle = await setup()
    const me = await bundle.living()
    await claimShards(bundle.db, me, 64)
    await retireDispatcher(bundle.db, me)
    expect(await listDispatchers(bundle.db)).toEqual([{ execId: me, state: 'dead' }])
    expect((await listShards(bundle.db)).every(({ owner }) => owner === null)).toBe(true)
  })
})

test('giving shards up voids a start that was decided before, and leaves calls in flight alone', async () => {
  await using bundle = await setup()
  const [inFlight, decided] = await bundle.waiting(2)
  const execId = await bundle.living()
  await claimShards(bundle.db, execId, 64)
  const [started] = await startAttempts(bundle.hot, { execId, generation: 1 }, [aStart(inFlight as never)])
  expect(await giveUpShards(bundle.db, execId, [shard])).toBe(2)
  expect(await startAttempts(bundle.hot, { execId, generation: 1 }, [aStart(decided as never)])).toEqual([])
  const finished = await finishAttempts(
    bundle.hot,
    { execId, generation: undefined },
    [aFinish(started as Started, execId)],
    undefined,
  )
  expect(finished.written).toBe(true)
})
