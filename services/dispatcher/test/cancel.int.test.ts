import { fromBinary } from '@bufbuild/protobuf'
import { metrics } from '@opentelemetry/api'
import { RunFeedBatchSchema } from '@strait/contracts/events/v1/feed_pb'
import { shardOf } from '@strait/domain/shard'
import { createLog } from '@strait/service-kit/log'
import { waitFor } from '@strait/testkit/wait-for'
import { expect, test } from 'vitest'
import { createAdmission } from '../src/domain/admission.ts'
import { createDatabaseClock } from '../src/domain/database-clock.ts'
import { createEvents } from '../src/events.ts'
import { createCancel } from '../src/loops/cancel.ts'
import { toCanceledEnd } from '../src/loops/ends.ts'
import { createFinisher } from '../src/loops/finisher.ts'
import { createIncarnation } from '../src/loops/incarnation.ts'
import { findRun } from '../src/store/find-run.ts'
import { insertRuns } from '../src/store/insert-runs.ts'
import { startAttempts } from '../src/store/start-attempts.ts'
import { findWaitingRuns } from '../src/store/waiting-runs.ts'
import { aJobConfig, aNewRun, aStart, jobId, type StoreBundle, setup, shard } from './store-bundle.ts'

const projectId = '01890000-0000-7000-8000-000000000001'

/** A dispatcher that owns the job's shard, and a job that is deleted. */
async function owner(bundle: StoreBundle) {
  const log = createLog('test', 'silent')
  const events = createEvents(metrics.getMeter('test'), log)
  const ignore = () => undefined
  const finisher = createFinisher({
    db: bundle.hot,
    events,
    publishNews: ignore,
    onChanged: ignore,
    offer: ignore,
  })
  const me = createIncarnation(await bundle.living(), 60_000, performance.now())
  me.shards.add(shard)
  const config = aJobConfig({ webhookUrl: 'https://example.com/told' })
  /** Jobs of which the catalog cannot be asked. */
  const away = new Set<string>()
  const jobs = {
    resolve: async () => undefined,
    async version(id: string) {
      if (away.has(id)) throw new Error('away')
      return config
    },
    knownVersion: () => config,
    isHeld: () => true,
    isCanceled: () => true,
  }
  const admission = createAdmission(100, jobs.isHeld)
  const clock = createDatabaseClock(Date.now)
  const cancel = createCancel({
    db: bundle.db,
    jobs,
    admission,
    finisher,
    clock,
    incarnation: () => me,
    intervalMs: 20,
    log,
  })
  return { me, cancel, admission, finisher, away }
}

async function toldEnds(bundle: StoreBundle) {
  const { rows } = await bundle.db.query<{ body: Buffer }>('select body from feed order by pos')
  return rows.flatMap(({ body }) =>
    fromBinary(RunFeedBatchSchema, body).events.flatMap(({ event }) =>
      event.case === 'ended' ? [event.value] : [],
    ),
  )
}

test('every waiting run of a deleted job ends canceled and is told, one that executes goes on', async () => {
  await using bundle = await setup()
  const { me, cancel } = await owner(bundle)
  const runs = await bundle.waiting(1_203)
  const [executing] = runs
  await startAttempts(bundle.hot, { execId: me.execId, generation: 1 }, [aStart(executing as never)])
  await cancel.start()
  cancel.add(jobId)
  await waitFor(async () => (await bundle.count('queue')) === 1, { what: 'all but one to end' })
  await cancel.stop()
  expect(await bundle.count('outcomes', "status = 'canceled' and attempt = 0 and started_at is null")).toBe(
    1_202,
  )
  expect(await bundle.count('attempts')).toBe(0)
  const told = await toldEnds(bundle)
  expect(new Set(told.map((end) => end.runId)).size).toBe(1_202)
  expect(told[0]).toMatchObject({
    status: 'canceled',
    error: { class: 'canceled' },
    webhookUrl: 'https://example.com/told',
    jobVersionId: 'ver_0000000001',
  })
  const canceled = await findRun(bundle.db, projectId, runs[1]?.id ?? '')
  expect(canceled?.run).toMatchObject({
    status: 'canceled',
    error: { class: 'canceled', message: 'the job was deleted' },
  })
})

test('a run that Admission meets after its job was deleted ends, too', async () => {
  await using bundle = await setup()
  const { cancel, admission } = await owner(bundle)
  await cancel.start()
  const [run] = await bundle.waiting(1)
  admission.offer({
    runId: run?.id ?? '',
    projectId,
    jobId,
    shard,
    version: 1,
    dueAtMs: 0,
    fence: 0,
    attempt: 0,
  })
  await waitFor(async () => (await bundle.count('outcomes')) === 1, { what: 'the run to end' })
  await cancel.stop()
  expect(admission.heldJobs()).toEqual([])
})

test('a run that was started, or whose shard was given up, between the reading and the writing is left alone', async () => {
  await using bundle = await setup()
  const { me, finisher } = await owner(bundle)
  const runs = await bundle.waiting(3)
  const read = await findWaitingRuns(bundle.db, jobId, 10)
  const ends = read.map((run) => toCanceledEnd(run, Date.now(), undefined))
  expect(await finisher.write({ execId: me.execId, generation: 2 }, ends)).toBe(0)
  expect(await bundle.count('queue')).toBe(3)
  await startAttempts(bundle.hot, { execId: me.execId, generation: 1 }, [aStart(runs[0] as never)])
  expect(await finisher.write({ execId: me.execId, generation: 1 }, ends)).toBe(2)
  expect(await bundle.count('queue', "status = 'executing'")).toBe(1)
  expect(await bundle.count('outcomes')).toBe(2)
})

test('a job whose versions cannot be read now does not keep back another', async () => {
  await using bundle = await setup()
  const { cancel, away, me } = await owner(bundle)
  const other = '01890000-0000-7000-8000-00000000000b'
  me.shards.add(shardOf(other))
  away.add(other)
  await insertRuns(bundle.db, [aNewRun({ jobId: other, shard: shardOf(other) })], undefined)
  await bundle.waiting(1)
  await cancel.start()
  cancel.add(other)
  cancel.add(jobId)
  await waitFor(async () => (await bundle.count('outcomes')) === 1, { what: "the one job's run to end" })
  away.clear()
  await waitFor(async () => (await bundle.count('outcomes')) === 2, { what: "the other's run to end" })
  await cancel.stop()
  expect(await bundle.count('queue')).toBe(0)
})

test('runs of other jobs in the same shard are not touched', async () => {
  await using bundle = await setup()
  const { cancel } = await owner(bundle)
  await insertRuns(bundle.db, [aNewRun({ jobId: '01890000-0000-7000-8000-00000000000b' })], undefined)
  await bundle.waiting(2)
  await cancel.start()
  cancel.add(jobId)
  await waitFor(async () => (await bundle.count('outcomes')) === 2, { what: 'its own to end' })
  await cancel.stop()
  expect(await bundle.count('queue')).toBe(1)
})
