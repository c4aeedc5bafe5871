import { expect, test } from 'vitest'
import { type LaneKey, laneStart } from '../src/domain/entry.ts'
import {
  type BacklogPage,
  currentXmin,
  loadArmedSince,
  loadBacklog,
  loadBacklogOfJob,
} from '../src/store/backlog.ts'
import { insertRuns } from '../src/store/insert-runs.ts'
import { startAttempts } from '../src/store/start-attempts.ts'
import { aNewRun, aStart, jobId, setup, shard } from './store-bundle.ts'

test('a backlog comes page by page in the order of the lane, of the asked shards only', async () => {
  await using bundle = await setup()
  const runs = await bundle.waiting(25)
  await insertRuns(bundle.db, [aNewRun({ shard: (shard + 1) % 64 })], undefined)
  const seen: string[] = []
  for (let after = laneStart; ; ) {
    const { entries, next } = await loadBacklog(bundle.db, [shard], after, 10)
    seen.push(...entries.map((entry) => entry.runId))
    if (next === undefined) break
    after = next
  }
  expect(seen).toEqual(runs.map((run) => run.id).sort())
})

test('runs of jobs that are left out are looked past, a page at a time, and hide nobody', async () => {
  await using bundle = await setup()
  const held = '01890000-0000-7000-8000-00000000000b'
  const heldRuns = Array.from({ length: 25 }, () => aNewRun({ jobId: held }))
  await insertRuns(bundle.db, heldRuns, undefined)
  const [other] = await bundle.waiting(1)
  const seen: string[] = []
  let pages = 0
  for (let after: LaneKey | undefined = laneStart; after !== undefined; pages++) {
    const page: BacklogPage = await loadBacklog(bundle.db, [shard], after, 10, [held])
    seen.push(...page.entries.map((entry) => entry.runId))
    after = page.next
  }
  expect(seen).toEqual([other?.id])
  // Twice ten held ones, and a page that ends with the sixth: no statement looked at more than ten.
  expect(pages).toBe(3)
})

test('the backlog of one job comes page by page in order, whatever else its shard has', async () => {
  await using bundle = await setup()
  await insertRuns(
    bundle.db,
    Array.from({ length: 5 }, () => aNewRun({ jobId: '01890000-0000-7000-8000-00000000000b' })),
    undefined,
  )
  const runs = await bundle.waiting(12)
  const first = await loadBacklogOfJob(bundle.db, jobId, laneStart, 10)
  const second = await loadBacklogOfJob(bundle.db, jobId, first.at(-1) ?? laneStart, 10)
  expect([...first, ...second].map((entry) => entry.runId)).toEqual(runs.map((run) => run.id).sort())
})

test('a run that executes is in no page and in no sweep', async () => {
  await using bundle = await setup()
  const since = await currentXmin(bundle.db)
  const [first, second] = await bundle.waiting(2)
  await startAttempts(bundle.hot, { execId: await bundle.living(), generation: 1 }, [aStart(first as never)])
  const page = await loadBacklog(bundle.db, [shard], laneStart, 10)
  const swept = await loadArmedSince(bundle.db, [shard], since, 10)
  expect(page.entries.map((entry) => entry.runId)).toEqual([second?.id])
  expect(swept.entries.map((entry) => entry.runId)).toEqual([second?.id])
})

test('the sweep never skips a run whose transaction began before the last look and committed after it', async () => {
  await using bundle = await setup()
  const since = await currentXmin(bundle.db)
  const client = await bundle.db.connect()
  await client.query('begin')
  const late = aNewRun()
  await insertRuns(client, [late], undefined)
  const early = aNewRun()
  await insertRuns(bundle.db, [early], undefined)
  const first = await loadArmedSince(bundle.db, [shard], since, 10)
  expect(first.entries.map((entry) => entry.runId)).toEqual([early.id])
  await client.query('commit')
  client.release()
  const second = await loadArmedSince(bundle.db, [shard], first.next, 10)
  expect(second.entries.map((entry) => entry.runId)).toContain(late.id)
})

test('a sweep that finds more than a page goes on where it was cut off', async () => {
  await using bundle = await setup()
  let since = await currentXmin(bundle.db)
  const ids: string[] = []
  for (let i = 0; i < 12; i++) ids.push(...(await bundle.waiting(2)).map((run) => run.id))
  const seen = new Set<string>()
  for (let turn = 0; turn < 20; turn++) {
    const { entries, next } = await loadArmedSince(bundle.db, [shard], since, 5)
    for (const entry of entries) seen.add(entry.runId)
    since = next
    if (entries.length < 5) break
  }
  expect([...seen].sort()).toEqual(ids.sort())
})
