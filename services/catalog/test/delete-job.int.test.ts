// Deleting a job: triggers are closed first, then its unfinished runs decide. The dispatcher's place is taken by a server that answers
// what the test says.

import { timestampDate } from '@bufbuild/protobuf/wkt'
import { JobService } from '@strait/contracts/catalog/v1/job_service_pb'
import { freePort } from '@strait/testkit/free-port'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { type AppBundle, anotherProject, openApp } from './app-bundle.ts'
import { auditOf } from './audit-of.ts'
import { historyOf, makeJob, patchJob } from './job-bundle.ts'
import { refusalOf, refusalsOf } from './refusal.ts'
import { type Count, standInDispatcher } from './stand-in-dispatcher.ts'

const none: Count = async () => ({ waiting: 0n, executing: 0n })

let app: AppBundle
let dispatcher: Awaited<ReturnType<typeof standInDispatcher>>
let count = none
beforeAll(async () => {
  dispatcher = await standInDispatcher((id) => count(id))
  app = await openApp({ STRAIT_DISPATCHER_URL: dispatcher.url })
})
beforeEach(() => {
  count = none
})
afterAll(async () => {
  await app[Symbol.asyncDispose]()
  await dispatcher[Symbol.asyncDispose]()
})

async function headOf(id: string) {
  return app.store.db
    .selectFrom('jobs')
    .select(['closing_at', 'deleted_at', 'cancel_runs', 'changed'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
}

test('a job without unfinished runs is deleted: gone by name, its slug free, its versions readable by its id', async () => {
  const job = await makeJob(app, { slug: 'to-be-deleted', webhookSecret: 'secret' })
  const changed = await patchJob(app, job.id, { maxAttempts: 4 })
  const asked: string[] = []
  count = async (id) => {
    asked.push(id)
    // While it is counted, the job is closed.
    expect((await headOf(id)).closing_at).toBeInstanceOf(Date)
    return none(id)
  }
  const before = (await headOf(job.id)).changed
  const { job: deleted } = await app.jobs.deleteJob({ job: 'to-be-deleted' })
  expect(asked).toEqual([job.id])
  expect(deleted).toEqual({ ...changed, deletedAt: deleted?.deletedAt })
  expect(timestampDate(deleted!.deletedAt!).getTime()).toBeGreaterThan(0)
  const head = await headOf(job.id)
  expect(head).toMatchObject({ closing_at: null, cancel_runs: false })
  expect(BigInt(head.changed)).toBeGreaterThan(BigInt(before))

  for (const name of [job.id, 'to-be-deleted']) {
    for (const refused of await refusalsOf([
      app.jobs.getJob({ job: name }),
      app.jobs.deleteJob({ job: name }),
      app.jobs.pauseJob({ job: name }),
      app.jobs.enableJob({ job: name }),
      app.jobs.cloneJob({ job: name }),
      app.jobs.rollbackJob({ job: name, version: '1' }),
      patchJob(app, name, { maxAttempts: 5 }),
    ]))
      expect(refused).toMatchObject({ reason: 'JOB_NOT_FOUND' })
  }
  const again = await makeJob(app, { slug: 'to-be-deleted' })
  expect(again.id).not.toBe(job.id)
  expect((await historyOf(app, job.id)).map((each) => [each.version, each.deletedAt])).toEqual([
    [1, deleted!.deletedAt],
    [2, deleted!.deletedAt],
  ])
  expect((await app.jobs.getJobVersion({ job: job.id, version: '1' })).job).toMatchObject({
    version: 1,
    deletedAt: deleted!.deletedAt,
  })
  expect((await app.jobs.diffJobVersions({ job: job.id })).changes).toMatchObject([{ field: 'max_attempts' }])
  // By its slug it is the other job now.
  expect((await historyOf(app, 'to-be-deleted')).map((each) => each.id)).toEqual([again.id])
  expect((await auditOf(app, job.id)).at(-1)).toMatchObject({
    action: 'job.deleted',
    before: { id: job.id, version: 2, deleted_at: null },
    after: null,
  })
})

test('while runs are unfinished it is refused, says how many, and the job goes on as it was', async () => {
  const job = await makeJob(app)
  count = async () => ({ waiting: 2n, executing: 1n })
  const rows = await app.countRows()
  expect(await refusalOf(app.jobs.deleteJob({ job: job.id }))).toMatchObject({
    code: 'failed_precondition',
    reason: 'JOB_HAS_UNFINISHED_RUNS',
    metadata: { unfinished_runs: '3' },
  })
  expect(await headOf(job.id)).toMatchObject({ closing_at: null, deleted_at: null })
  expect((await app.jobs.getJob({ job: job.id })).job).toEqual(job)
  expect(await app.countRows()).toBe(rows)
})

test('with force nobody is asked, and what is unfinished is to be canceled', async () => {
  const job = await makeJob(app)
  count = async () => {
    throw new Error('nobody was to ask')
  }
  const { job: deleted } = await app.jobs.deleteJob({ job: job.id, force: true })
  expect(deleted?.deletedAt).toBeDefined()
  expect(await headOf(job.id)).toMatchObject({ cancel_runs: true, closing_at: null })
})

test('when the dispatcher cannot be asked, or does not answer what was asked, the job goes on', async () => {
  const job = await makeJob(app)
  count = async () => {
    throw new Error('broken')
  }
  expect(await refusalOf(app.jobs.deleteJob({ job: job.id }))).toMatchObject({
    code: 'unavailable',
    reason: 'UNAVAILABLE',
  })
  expect(await headOf(job.id)).toMatchObject({ closing_at: null, deleted_at: null })

  const alone = await openApp({ STRAIT_DISPATCHER_URL: `http://127.0.0.1:${await freePort()}` }, app.store)
  onTestFinished(() => alone[Symbol.asyncDispose]())
  const refused = await refusalOf(alone.jobs.deleteJob({ job: job.id }))
  expect(refused).toMatchObject({ code: 'unavailable', reason: 'UNAVAILABLE' })
  expect(refused.message).not.toContain('ECONNREFUSED')
  expect(await headOf(job.id)).toMatchObject({ closing_at: null, deleted_at: null })
})

test('validate_only says what would come of it and leaves the job open', async () => {
  const job = await makeJob(app)
  const { changed } = await headOf(job.id)
  const rows = await app.countRows()
  expect((await app.jobs.deleteJob({ job: job.id, validateOnly: true })).job).toEqual(job)
  count = async () => ({ waiting: 1n, executing: 0n })
  expect(await refusalOf(app.jobs.deleteJob({ job: job.id, validateOnly: true }))).toMatchObject({
    reason: 'JOB_HAS_UNFINISHED_RUNS',
    message: expect.stringContaining('1 unfinished run:'),
  })
  expect((await app.jobs.deleteJob({ job: job.id, validateOnly: true, force: true })).job).toEqual(job)
  expect(await headOf(job.id)).toMatchObject({ changed, closing_at: null, deleted_at: null })
  expect(await app.countRows()).toBe(rows)
})

test('only the version that its etag names is deleted', async () => {
  const job = await makeJob(app)
  await patchJob(app, job.id, { maxAttempts: 4 })
  for (const force of [true, false])
    expect(await refusalOf(app.jobs.deleteJob({ job: job.id, force, etag: job.versionId }))).toMatchObject({
      reason: 'ETAG_MISMATCH',
    })
  expect(await refusalOf(app.jobs.deleteJob({ job: job.id, etag: '' }))).toMatchObject({ fields: ['etag'] })
  // One that changes while its runs are counted is another one.
  const now = (await app.jobs.getJob({ job: job.id })).job!
  count = async (id) => {
    count = none
    await patchJob(app, id, { maxAttempts: 5 })
    return none(id)
  }
  expect(await refusalOf(app.jobs.deleteJob({ job: job.id, etag: now.versionId }))).toMatchObject({
    reason: 'ETAG_MISMATCH',
  })
  expect(await headOf(job.id)).toMatchObject({ closing_at: null, deleted_at: null })
})

test('a change that comes while runs are counted is kept, and deleted with the job', async () => {
  const job = await makeJob(app)
  count = async (id) => {
    await patchJob(app, id, { maxAttempts: 5 })
    return none(id)
  }
  const { job: deleted } = await app.jobs.deleteJob({ job: job.id })
  expect(deleted).toMatchObject({ version: 2, maxAttempts: 5 })
})

test('whoever refuses opens the job, so that a deletion beside it counts again under a mark of its own', async () => {
  const job = await makeJob(app)
  let turns = 0
  count = async (id) => {
    turns += 1
    const turn = turns
    // The first to count finds nothing; before it can delete, another one finds a run and opens the job.
    if (turn === 1) {
      expect(await refusalOf(app.jobs.deleteJob({ job: id }))).toMatchObject({
        reason: 'JOB_HAS_UNFINISHED_RUNS',
      })
      expect((await headOf(id)).closing_at).toBeNull()
    }
    return { waiting: turn === 2 ? 1n : 0n, executing: 0n }
  }
  await app.jobs.deleteJob({ job: job.id })
  expect(turns).toBe(3)
  expect((await headOf(job.id)).deleted_at).toBeInstanceOf(Date)
})

test('the mark of a process that died counts as none after a minute, and nothing is deleted under it', async () => {
  const job = await makeJob(app)
  const age = (interval: string) =>
    sql`update jobs set closing_at = now() - ${interval}::interval where id = ${job.id}`.execute(app.store.db)
  await age('2 minutes')
  const marks: Date[] = []
  count = async (id) => {
    marks.push((await headOf(id)).closing_at!)
    // The first mark grows old while the runs are counted.
    if (marks.length === 1) await age('61 seconds')
    return none(id)
  }
  await app.jobs.deleteJob({ job: job.id })
  expect(marks).toHaveLength(2)
  for (const mark of marks) expect(Date.now() - mark.getTime()).toBeLessThan(30_000)
})

test("another project's job is not there to be deleted", async () => {
  const job = await makeJob(app)
  const { apiKey } = await anotherProject(app, 'other')
  const by = app.client(JobService, apiKey)
  for (const force of [true, false])
    expect(await refusalOf(by.deleteJob({ job: job.id, force }))).toMatchObject({ reason: 'JOB_NOT_FOUND' })
  expect((await app.jobs.getJob({ job: job.id })).job).toEqual(job)
})

test('over REST it is DELETE, with force in the query and the etag in If-Match', async () => {
  const job = await makeJob(app)
  const path = `/v1/jobs/${job.slug}`
  count = async () => ({ waiting: 1n, executing: 0n })
  expect(await app.rest('DELETE', path)).toMatchObject({
    status: 409,
    body: { reason: 'JOB_HAS_UNFINISHED_RUNS', metadata: { unfinished_runs: '1' } },
  })
  expect(await app.rest('DELETE', path, undefined, { 'if-match': '"ver_0000000000"' })).toMatchObject({
    status: 412,
  })
  expect(
    await app.rest('DELETE', `${path}?force=true`, undefined, { 'if-match': `"${job.versionId}"` }),
  ).toMatchObject({
    status: 200,
    body: { id: job.id, deleted_at: expect.any(String) },
  })
  expect(await app.rest('GET', path)).toMatchObject({ status: 404 })
})
