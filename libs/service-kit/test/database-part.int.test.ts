// What an operator reads when a service cannot work on its database; Postgres itself says what is wrong.

import { createPool } from '@strait/postgres/pool'
import { freePort } from '@strait/testkit/free-port'
import { createTestDatabase } from '@strait/testkit/test-database'
import { expect, inject, onTestFinished, test } from 'vitest'
import { createDatabasePart, databaseProblem } from '../src/database-part.ts'
import { StartError } from '../src/listen.ts'

function setup(url: string, options: { role?: string; statement?: string } = {}) {
  const pool = createPool({ url, role: options.role, max: 1, name: 'test', onError: () => undefined })
  const probe = () => pool.query(options.statement ?? 'select 1')
  const part = createDatabasePart({ service: 'catalog', pools: [pool], probe })
  onTestFinished(() => part.stop())
  return { pool, part }
}

async function problemOf(url: string, options: Parameters<typeof setup>[1] = {}): Promise<string> {
  const thrown: unknown = await setup(url, options)
    .part.start()
    .catch((err: unknown) => err)
  expect(thrown).toBeInstanceOf(StartError)
  return (thrown as StartError).message
}

const changed = (change: (url: URL) => void) => {
  const url = new URL(inject('testRun').postgresUrl)
  change(url)
  return url.href
}

test('a database that can be worked on is no problem, and its pool ends once', async () => {
  await using database = await createTestDatabase()
  const { pool, part } = setup(database.url, { role: 'catalog', statement: 'select 1 from jobs' })
  await part.start()
  await part.stop()
  await part.stop()
  expect(pool.ended).toBe(true)
})

test('a port on which nothing listens', async () => {
  const port = await freePort()
  const problem = await problemOf(`postgres://me@127.0.0.1:${port}/strait`)
  expect(problem).toMatch(/^Postgres cannot be reached \(.*ECONNREFUSED.*\): start it or mend DATABASE_URL$/)
})

test('a host that has no address', async () => {
  expect(await problemOf('postgres://me@nowhere.invalid/strait')).toMatch(/^Postgres cannot be reached/)
})

test('a database that is not there', async () => {
  const url = changed((each) => {
    each.pathname = '/not_there'
  })
  expect(await problemOf(url)).toMatch(/^DATABASE_URL names no database of this server: .*not_there/)
})

test('a login that Postgres refuses', async () => {
  const url = changed((each) => {
    each.username = 'nobody_of_this_name'
  })
  expect(await problemOf(url)).toMatch(/^Postgres refuses the login of DATABASE_URL: /)
})

test.each([
  ['a role that is not there', { role: 'baker' }],
  ['a table that is not there', { statement: 'select 1 from loaves' }],
  ['a column that is not there', { statement: 'select crust from pg_database' }],
  ['a schema that is not there', { statement: 'create table bakery.loaves ()' }],
])('%s: the schema is not ready', async (_, options) => {
  const problem = await problemOf(inject('testRun').postgresUrl, options)
  expect(problem).toMatch(
    /^the catalog's schema is not ready \(.+\): run `npm run migrate` with this database first$/,
  )
})

test('a fault of ours stays what it is', async () => {
  const { part } = setup(inject('testRun').postgresUrl, { statement: 'selekt 1' })
  await expect(part.start()).rejects.toMatchObject({ code: '42601' })
  expect(databaseProblem('catalog', new Error('out of tune'))).toBeUndefined()
  expect(databaseProblem('catalog', 'no error')).toBeUndefined()
})
