// Two walls: between services, which Postgres holds up, and between projects, which every query holds up.

import { JobService } from '@strait/contracts/catalog/v1/job_service_pb'
import { newUuidv7 } from '@strait/domain/ids'
import { createPool } from '@strait/postgres/pool'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { bootstrap } from '../src/bootstrap.ts'
import { type AppBundle, aJob, anotherProject, openApp } from './app-bundle.ts'
import { refusalOf } from './refusal.ts'

const services = ['catalog', 'dispatcher', 'notifier', 'scheduler'] as const

let app: AppBundle
beforeAll(async () => {
  app = await openApp()
})
afterAll(() => app[Symbol.asyncDispose]())

function poolOf(role?: string) {
  const onError = () => undefined
  const pool = createPool({ url: app.store.database.url, role, max: 1, name: 'isolation-test', onError })
  onTestFinished(() => pool.end())
  return pool
}

async function tablesOf(service: string): Promise<readonly string[]> {
  const { rows } = await poolOf().query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = $1 order by 1`,
    [service],
  )
  return rows.map((row) => row.name)
}

test.each(services)(
  'the %s reads its own tables and none of another service, nor does it write there',
  async (service) => {
    const pool = poolOf(service)
    const outcomeOf = (statement: string) =>
      pool.query(statement).then(
        () => 'allowed',
        (error: Error & { code?: string }) => `${error.code}: ${error.message}`,
      )
    const own = await tablesOf(service)
    expect(own.length).toBeGreaterThan(2)
    for (const table of own) expect(await outcomeOf(`select * from ${table} limit 1`)).toBe('allowed')
    for (const other of services.filter((each) => each !== service)) {
      const denied = `42501: permission denied for schema ${other}`
      const tables = await tablesOf(other)
      expect(tables.length).toBeGreaterThan(2)
      for (const table of tables) {
        expect(await outcomeOf(`select * from ${table} limit 1`)).toBe(denied)
        expect(await outcomeOf(`insert into ${table} default values`)).toBe(denied)
        expect(await outcomeOf(`delete from ${table}`)).toBe(denied)
      }
      expect(await outcomeOf(`create table ${other}.intruder (id int)`)).toBe(denied)
    }
  },
)

test('a key finds no job of another project, by id or by slug, and is not told that there is one', async () => {
  const other = await anotherProject(app, 'neighbour')
  const theirs = app.client(JobService, other.apiKey)
  const { job } = await app.jobs.createJob({ job: { ...aJob, slug: 'mine' } })
  if (job === undefined) throw new Error('the answer has no job')
  const nobody = await refusalOf(theirs.getJob({ job: newUuidv7() }))
  expect(nobody).toMatchObject({ code: 'not_found', reason: 'JOB_NOT_FOUND' })
  for (const name of [job.id, job.id.toUpperCase(), 'mine']) {
    expect(await refusalOf(theirs.getJob({ job: name }))).toEqual(nobody)
  }
  expect((await app.jobs.getJob({ job: 'mine' })).job).toEqual(job)
})

test('a key creates no job in another project', async () => {
  const { database, masterKey, projectId } = app.store
  const other = await bootstrap({ databaseUrl: database.url, masterKey, projectSlug: 'intruder' })
  const before = await app.countRows()
  const created = app.client(JobService, other.apiKey).createJob({ job: { ...aJob, projectId } })
  expect(await refusalOf(created)).toMatchObject({ reason: 'FIELD_INVALID', fields: ['job.project_id'] })
  expect(await app.countRows()).toBe(before)
})
