import { randomUUID } from 'node:crypto'
import { createTestDatabase } from '@strait/testkit/test-database'
import { waitFor } from '@strait/testkit/wait-for'
import type pg from 'pg'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { isConnectionLost } from '../src/is-connection-lost.ts'
import type { PoolOptions } from '../src/pool.ts'
import { createKysely, createPool } from '../src/pool.ts'
import { dropRole } from './drop-role.ts'

const role = `pool_${randomUUID().slice(0, 8)}`
let database: Awaited<ReturnType<typeof createTestDatabase>>
let admin: pg.Pool
const open: pg.Pool[] = []

beforeAll(async () => {
  database = await createTestDatabase()
  admin = createPool({ url: database.url, max: 2, name: 'admin', onError: () => undefined })
  await admin.query(`create role ${role} nologin`)
  await admin.query(`create schema ${role} authorization ${role}`)
})

afterEach(async () => {
  await Promise.all(open.splice(0).map((pool) => pool.end()))
})

afterAll(async () => {
  await dropRole(admin, role)
  await admin.end()
  await database.drop()
})

function poolOf(options: Partial<PoolOptions> = {}) {
  const pool = createPool({
    url: database.url,
    role,
    max: 1,
    name: 'pool-test',
    onError: () => undefined,
    ...options,
  })
  open.push(pool)
  return pool
}

const endConnectionsOf = (name: string) =>
  admin.query('select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1', [name])

test('a connection runs as the role, in its schema, under its name and with time-outs', async () => {
  const { rows } = await poolOf({ name: 'dispatcher', statementTimeoutMs: 1_500 }).query(
    `select current_user as role, current_setting('search_path') as path, current_setting('application_name') as name,
       current_setting('statement_timeout') as statement,
       current_setting('idle_in_transaction_session_timeout') as idle`,
  )
  expect(rows).toEqual([{ role, path: role, name: 'dispatcher', statement: '1500ms', idle: '5s' }])
})

test('options in the URL are kept, but they do not replace the role', async () => {
  const url = new URL(database.url)
  url.searchParams.set('options', '-c work_mem=7MB -c role=pg_monitor')
  const { rows } = await poolOf({ url: url.href }).query(
    `select current_user as role, current_setting('work_mem') as memory`,
  )
  expect(rows).toEqual([{ role, memory: '7MB' }])
})

test('a role that could not be written unquoted is refused before connecting', () => {
  expect(() => poolOf({ role: 'a; drop' })).toThrow('not a service name')
})

test('an index-only connection uses the index although the statement was prepared on an empty table', async () => {
  const pool = poolOf({ plan: 'index_only', name: 'hot' })
  await pool.query('create table items (id int primary key, name text)')
  const statement = {
    name: 'find',
    text: 'select name from items where id = any($1::int[])',
    values: [[1, 2]],
  }
  for (let run = 0; run < 6; run++) await pool.query(statement)
  await pool.query(`insert into items select n, 'x' from generate_series(1, 5000) n`)
  const { rows } = await pool.query<{ 'QUERY PLAN': string }>(`explain execute find('{1,2}')`)
  expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toContain('Index Scan using items_pkey')
})

test('an int8 keeps every digit, alone and in an array, and a timestamptz is a Date', async () => {
  const { rows } = await poolOf().query(
    `select 9007199254740993::int8 as one, array[9007199254740993::int8, null] as many,
       '2026-01-02T03:04:05.678Z'::timestamptz as at`,
  )
  expect(rows).toEqual([
    { one: 9007199254740993n, many: [9007199254740993n, null], at: new Date('2026-01-02T03:04:05.678Z') },
  ])
})

test('a connection lost between two statements of a transaction fails the next one, and the pool goes on', async () => {
  const pool = poolOf({ name: 'lost-in-transaction' })
  const ended = new Promise((resolve) => pool.once('acquire', (client) => client.once('end', resolve)))
  const db = createKysely<Record<string, never>>(pool)
  const lost = db.transaction().execute(async (trx) => {
    await endConnectionsOf('lost-in-transaction')
    await ended
    await trx.selectNoFrom((eb) => eb.lit(1).as('one')).execute()
  })
  await expect(lost).rejects.toSatisfy(isConnectionLost)
  expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
})

test('an idle connection that is lost is told and replaced', async () => {
  const errors: Error[] = []
  const pool = poolOf({ name: 'lost-idle', onError: (error) => errors.push(error) })
  await pool.query('select 1')
  await endConnectionsOf('lost-idle')
  await waitFor(() => errors.length > 0, { what: 'the loss of the idle connection to be told' })
  expect(errors.every(isConnectionLost)).toBe(true)
  expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
})

test('a statement that takes too long is ended', async () => {
  const slow = poolOf({ statementTimeoutMs: 50 }).query('select pg_sleep(20)')
  await expect(slow).rejects.toSatisfy(isConnectionLost)
})

test('json and jsonb come with the keys that they have, one row after another', async () => {
  const { rows } = await poolOf().query(
    String.raw`select json::json as json, json::jsonb as jsonb
      from unnest($1::text[]) with ordinality as given (json, at) order by at`,
    [[String.raw`{"!":1,"\\":2}`, String.raw`{"!":1,"\"":2}`, String.raw`{"!":1,"\t":[{"\"":"\""}]}`]],
  )
  for (const type of ['json', 'jsonb']) {
    expect(rows.map((row) => Object.keys(row[type]).toSorted())).toEqual([
      ['!', '\\'],
      ['!', '"'],
      ['\t', '!'],
    ])
  }
  expect(rows[2].jsonb).toEqual({ '!': 1, '\t': [{ '"': '"' }] })
})
