// What is decided side by side, by two replicas on one database: nothing is lost, nothing is doubled, no number is left out.

import { JobService } from '@strait/contracts/catalog/v1/job_service_pb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AppBundle, aJob, openApp } from './app-bundle.ts'
import { auditOf } from './audit-of.ts'
import { historyOf, makeJob, patchJob } from './job-bundle.ts'
import { refusalOf } from './refusal.ts'
import { standInDispatcher } from './stand-in-dispatcher.ts'

let app: AppBundle
let replica: AppBundle
let dispatcher: Awaited<ReturnType<typeof standInDispatcher>>
beforeAll(async () => {
  dispatcher = await standInDispatcher(async () => ({ waiting: 0n, executing: 0n }))
  app = await openApp({ STRAIT_DISPATCHER_URL: dispatcher.url })
  replica = await openApp({ STRAIT_DISPATCHER_URL: dispatcher.url }, app.store)
})
afterAll(async () => {
  await replica[Symbol.asyncDispose]()
  await app[Symbol.asyncDispose]()
  await dispatcher[Symbol.asyncDispose]()
})

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i)

test('of 50 changes at once through two replicas each makes a version of its own, and what each changed is there', async () => {
  const job = await makeJob(app)
  const of = (i: number) => (i % 2 === 0 ? app : replica)
  // Half of them change one field, each to another value; the others one of two fields, which nobody else touches.
  const answers = await Promise.all(
    numbers(50).map((i) =>
      patchJob(
        of(i),
        job.id,
        i < 48 ? { maxAttempts: 10 + i } : i === 48 ? { description: 'kept' } : { timeoutSecs: 77 },
      ),
    ),
  )
  expect(answers.map((each) => each.version).sort((a, b) => a - b)).toEqual(numbers(50).map((i) => i + 2))
  const history = await historyOf(app, job.id)
  expect(history.map((each) => each.version)).toEqual(numbers(51).map((i) => i + 1))
  expect(new Set(history.map((each) => each.versionId)).size).toBe(51)
  expect(history.slice(1)).toEqual([...answers].sort((a, b) => a.version - b.version))
  const now = history.at(-1)
  expect(now).toMatchObject({ description: 'kept', timeoutSecs: 77 })
  expect((await replica.jobs.getJob({ job: job.id })).job).toEqual(now)
  // Each version differs from the one before in what its change said, and in nothing else.
  for (const [i, version] of history.slice(1).entries()) {
    const before = history[i]!
    const differing = (['maxAttempts', 'description', 'timeoutSecs'] as const).filter(
      (field) => version[field] !== before[field],
    )
    expect(differing).toHaveLength(1)
  }
  expect((await auditOf(app, job.id)).map((each) => each.after?.version)).toEqual(
    numbers(51).map((i) => i + 1),
  )
})

test('of 20 changes at once under one etag exactly one is made', async () => {
  const job = await makeJob(app)
  const outcomes = await Promise.allSettled(
    numbers(20).map((i) =>
      patchJob(i % 2 === 0 ? app : replica, job.id, { maxAttempts: 10 + i }, { etag: job.versionId }),
    ),
  )
  expect(outcomes.filter((each) => each.status === 'fulfilled')).toHaveLength(1)
  expect((await app.jobs.getJob({ job: job.id })).job).toMatchObject({ version: 2 })
})

test('of 100 creates at once every one is stored whole, with a slug of its own', async () => {
  const made = await Promise.all(
    numbers(100).map((i) =>
      (i % 2 === 0 ? app : replica).jobs.createJob({
        job: { ...aJob, name: 'Many at once', tags: { i: `${i}` } },
      }),
    ),
  )
  const slugs = made.map(({ job }) => job!.slug)
  expect(new Set(slugs)).toEqual(
    new Set(numbers(100).map((i) => (i === 0 ? 'many-at-once' : `many-at-once-${i + 1}`))),
  )
  expect(made.map(({ job }) => job!.tags.i)).toEqual(numbers(100).map(String))
})

test('of two renames to one slug at once one gets it', async () => {
  const jobs = await Promise.all([makeJob(app), makeJob(app)])
  const outcomes = await Promise.allSettled(
    jobs.map((job, i) => patchJob(i === 0 ? app : replica, job.id, { slug: 'wanted-by-two' })),
  )
  expect(outcomes.map((each) => each.status).sort()).toEqual(['fulfilled', 'rejected'])
  expect((await app.jobs.getJob({ job: 'wanted-by-two' })).job?.version).toBe(2)
})

test('of many deletions at once, with force and without, one deletes and the others find nothing', async () => {
  for (const round of numbers(5)) {
    const job = await makeJob(app)
    const outcomes = await Promise.allSettled(
      numbers(6).map((i) =>
        (i % 2 === 0 ? app : replica).jobs.deleteJob({ job: job.id, force: (i + round) % 3 === 0 }),
      ),
    )
    expect(outcomes.filter((each) => each.status === 'fulfilled')).toHaveLength(1)
    for (const each of outcomes.filter((one) => one.status === 'rejected'))
      expect(await refusalOf(Promise.reject(each.reason))).toMatchObject({ reason: 'JOB_NOT_FOUND' })
    expect((await auditOf(app, job.id)).map((each) => each.action)).toEqual(['job.created', 'job.deleted'])
  }
})

test('a deletion beside changes: each change is in the history or was told that there is no such job', async () => {
  for (const round of numbers(5)) {
    const job = await makeJob(app)
    const changes = numbers(8).map((i) =>
      patchJob(i % 2 === 0 ? app : replica, job.id, { maxAttempts: 10 + i }),
    )
    const deletion = replica
      .client(JobService, app.store.apiKey)
      .deleteJob({ job: job.id, force: round % 2 === 0 })
    const [outcomes, { job: deleted }] = await Promise.all([Promise.allSettled(changes), deletion])
    const made = outcomes.flatMap((each) => (each.status === 'fulfilled' ? [each.value.version] : []))
    for (const each of outcomes.filter((one) => one.status === 'rejected'))
      expect(await refusalOf(Promise.reject(each.reason))).toMatchObject({ reason: 'JOB_NOT_FOUND' })
    const history = await historyOf(app, job.id)
    expect(history.map((each) => each.version)).toEqual(numbers(made.length + 1).map((i) => i + 1))
    expect(deleted).toEqual(history.at(-1))
    const entries = await auditOf(app, job.id)
    expect(entries.find((each) => each.action === 'job.deleted')).toMatchObject({
      before: { version: deleted!.version },
    })
  }
})

test('a deletion under an etag beside a change never deletes what it did not see', async () => {
  for (const _ of numbers(5)) {
    const job = await makeJob(app)
    const [change, deletion] = await Promise.allSettled([
      patchJob(app, job.id, { maxAttempts: 9 }),
      replica.jobs.deleteJob({ job: job.id, etag: job.versionId }),
    ])
    // Whoever came first, the other was told.
    expect([change.status, deletion.status].sort()).toEqual(['fulfilled', 'rejected'])
    const loser = change.status === 'rejected' ? change : deletion
    const { reason } = await refusalOf(Promise.reject((loser as PromiseRejectedResult).reason))
    expect(reason).toBe(change.status === 'rejected' ? 'JOB_NOT_FOUND' : 'ETAG_MISMATCH')
    const row = await app.store.db
      .selectFrom('jobs')
      .select(['closing_at', 'deleted_at'])
      .where('id', '=', job.id)
      .executeTakeFirstOrThrow()
    expect(row.closing_at).toBeNull()
    expect(row.deleted_at === null).toBe(deletion.status === 'rejected')
  }
})
