// Jobs that are saved with an environment, and the deletion of that: whichever comes first, no job is left with one that is not there.

import { waitFor } from '@strait/testkit/wait-for'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { goneBelonging } from '../src/store/jobs/gone-belonging.ts'
import { aJob } from './app-bundle.ts'
import { type EnvironmentBundle, openEnvironments } from './environment-bundle.ts'
import { makeJob, patchJob } from './job-bundle.ts'
import { refusalOf } from './refusal.ts'
import { insertJob } from './store-bundle.ts'

let app: EnvironmentBundle
beforeAll(async () => {
  app = await openEnvironments()
})
afterAll(() => app[Symbol.asyncDispose]())

/** How many wait for what the backend holds. */
async function blockedBy(pid: number): Promise<number> {
  const { rows } = await sql`
    select from pg_locks where not granted and ${pid}::int4 = any(pg_blocking_pids(pid))
  `.execute(app.store.db)
  return rows.length
}

test('a job that is saved with an environment keeps it from being deleted, also before it is committed', async () => {
  const { db, projectId } = app.store
  const made = await app.make({ name: 'Held by a job' })
  const job = await insertJob(db, projectId, { slug: 'holder' })
  const saving = await db.transaction().execute(async (trx) => {
    await sql`set local idle_in_transaction_session_timeout = 0`.execute(trx)
    await trx.updateTable('jobs').set({ environment_id: made.id }).where('id', '=', job).execute()
    const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(trx)
    const deletion = refusalOf(app.environments.deleteEnvironment({ environment: made.id }))
    await waitFor(async () => (await blockedBy(rows[0]?.pid ?? 0)) > 0, {
      what: 'a deletion that waits for the job',
    })
    return { deletion }
  })
  expect(await saving.deletion).toMatchObject({
    reason: 'ENVIRONMENT_IN_USE',
    metadata: { jobs: '1', environments: '0' },
  })
})

test('of a job with an environment and the deletion of that, made at once, one is refused', async () => {
  const outcomes: string[] = []
  for (let round = 0; round < 12; round++) {
    const { id } = await app.make({ name: `Raced for ${round}` })
    const job = { ...aJob, slug: `racer-${round}`, environmentId: id }
    const [saved, deleted] = await Promise.allSettled([
      app.jobs.createJob({ job }),
      app.environments.deleteEnvironment({ environment: id }),
    ])
    outcomes.push([saved.status, deleted.status].toSorted().join(' '))
    if (saved.status === 'rejected')
      expect(await refusalOf(Promise.reject(saved.reason))).toMatchObject({ fields: ['job.environment_id'] })
  }
  expect(new Set(outcomes)).toEqual(new Set(['fulfilled rejected']))
})

test('a job that waits for a deletion is refused when that is done, however it is saved', async () => {
  const { db } = app.store
  const { id } = await app.make({ name: 'Deleted first' })
  // Three jobs: one that gets the environment, one that had it in version 1, and one that has it. All of that is from before the deletion.
  const changed = await makeJob(app)
  const back = await makeJob(app, { environmentId: id })
  await patchJob(app, back.id, { environmentId: undefined }, { paths: ['environment_id'] })
  const source = await makeJob(app, { environmentId: id })
  const saving = await db
    .transaction()
    .execute(async (trx) => {
      await sql`set local idle_in_transaction_session_timeout = 0`.execute(trx)
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(trx)
      // As a deletion does, to the moment before its commit.
      await sql`select from environments where id = ${id} for update`.execute(trx)
      await sql`update environments set deleted_at = now() where id = ${id}`.execute(trx)
      const refused = [
        app.jobs.createJob({ job: { ...aJob, slug: 'waiter', environmentId: id } }),
        patchJob(app, changed.id, { environmentId: id }),
        app.jobs.rollbackJob({ job: back.id, version: '1' }),
        app.jobs.cloneJob({ job: source.id }),
      ].map(refusalOf)
      const all = refused.length
      await waitFor(async () => (await blockedBy(rows[0]?.pid ?? 0)) === all, { what: 'saves that wait' })
      return refused
    })
    .then((refused) => Promise.all(refused))
  expect(saving.map(({ reason, fields }) => [reason, ...fields])).toEqual(
    ['job.environment_id', 'patch.environment_id', 'version', 'job'].map((field) => ['FIELD_INVALID', field]),
  )
  for (const [job, version] of [
    [changed, 1],
    [back, 2],
    [source, 1],
  ] as const)
    expect((await app.jobs.getJob({ job: job.id })).job).toMatchObject({ version })
})

test("a job has an environment of its own project, whatever its project's code does", async () => {
  const { db, projectId } = app.store
  const theirs = await app.theirs.createEnvironment({ environment: { name: 'Theirs' } })
  const job = await insertJob(db, projectId, { slug: 'stays-here' })
  const move = db.updateTable('jobs').set({ environment_id: theirs.environment!.id }).where('id', '=', job)
  expect(await move.execute().catch(goneBelonging)).toBe('environment')
})
