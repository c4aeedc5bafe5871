import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestDatabase } from '@strait/testkit/test-database'
import type pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createPool } from '../src/pool.ts'
import { migrateService, migrateServices } from '../src/sql-migrations.ts'
import { dropRole } from './drop-role.ts'

let database: Awaited<ReturnType<typeof createTestDatabase>>
let admin: pg.Pool
let folder: string
let roles: string[]

beforeAll(async () => {
  database = await createTestDatabase()
  admin = createPool({ url: database.url, max: 2, name: 'admin', onError: () => undefined })
})

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'migrations-'))
  roles = []
})

afterEach(async () => {
  await rm(folder, { recursive: true })
  for (const role of roles.reverse()) await dropRole(admin, role)
})

afterAll(async () => {
  await admin.end()
  await database.drop()
})

function aName(): string {
  const name = `service_${randomUUID().slice(0, 8)}`
  roles.push(name)
  return name
}

async function files(contents: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(contents)) await writeFile(join(folder, name), text)
}

async function as<T>(role: string, text: string, url = database.url): Promise<T[]> {
  const pool = createPool({ url, role, max: 1, name: 'as', onError: () => undefined })
  try {
    return (await pool.query(text)).rows as T[]
  } finally {
    await pool.end()
  }
}

const twoFiles = {
  '0001-first.sql': 'create table notes (id int primary key); insert into notes values (1);',
  '0002-second.sql': `create function one() returns int language sql as 'select 1'; insert into notes values (2);`,
}

test('files run once, in order, and what they create belongs to the service', async () => {
  const service = aName()
  await files(twoFiles)
  expect(await migrateService({ url: database.url, service, folder })).toEqual(['0001-first', '0002-second'])
  expect(await migrateService({ url: database.url, service, folder })).toEqual([])
  expect(await as(service, 'select id, one() from notes order by id')).toEqual([
    { id: 1, one: 1 },
    { id: 2, one: 1 },
  ])
  const { rows } = await admin.query(
    `select relname as name, relowner::regrole::text as owner from pg_class
     where relnamespace = $1::regnamespace and relkind = 'r' order by relname`,
    [service],
  )
  expect(rows).toEqual(
    ['kysely_migration', 'kysely_migration_lock', 'notes'].map((name) => ({ name, owner: service })),
  )
})

test('one service cannot read the tables of another', async () => {
  const [mine, other] = [aName(), aName()]
  await files(twoFiles)
  await migrateServices(database.url, [
    { service: mine, folder },
    { service: other, folder },
  ])
  expect(await as(mine, 'select count(*)::int4 as count from notes')).toEqual([{ count: 2 }])
  await expect(as(mine, `select * from ${other}.notes`)).rejects.toMatchObject({ code: '42501' })
  await expect(as(mine, `select ${other}.one()`)).rejects.toMatchObject({ code: '42501' })
  await expect(as(mine, `create table ${other}.mine (id int)`)).rejects.toMatchObject({ code: '42501' })
})

test('of several that migrate at once each file runs once', async () => {
  const service = aName()
  await files(twoFiles)
  const ran = await Promise.all(
    Array.from({ length: 4 }, () => migrateService({ url: database.url, service, folder })),
  )
  expect(ran.flat().sort()).toEqual(['0001-first', '0002-second'])
})

test('two databases of one cluster that make the same role at once both get it', async () => {
  const service = aName()
  const second = await createTestDatabase()
  try {
    await files(twoFiles)
    const urls = [database.url, second.url]
    const ran = await Promise.all(urls.map((url) => migrateService({ url, service, folder })))
    expect(ran).toEqual([
      ['0001-first', '0002-second'],
      ['0001-first', '0002-second'],
    ])
  } finally {
    await second.drop()
  }
})

test('a file that fails is named and leaves the schema as it was', async () => {
  const service = aName()
  await files({ ...twoFiles, '0002-second.sql': 'create table half (id int); insert into notes values (1);' })
  const failed = migrateService({ url: database.url, service, folder })
  await expect(failed).rejects.toThrow(`migrating ${service}, 0002-second: duplicate key`)
  expect(await as(service, `select to_regclass('notes') as notes, to_regclass('half') as half`)).toEqual([
    { notes: null, half: null },
  ])
})

test('a statement that is wrong is told with its line', async () => {
  const service = aName()
  await files({ '0001-first.sql': 'create table notes (id int);\n\ncreate tabel more (id int);\n' })
  const failed = migrateService({ url: database.url, service, folder })
  await expect(failed).rejects.toThrow(
    `migrating ${service}, 0001-first: line 3: syntax error at or near "tabel"`,
  )
})

test('a database that is newer than the files is refused', async () => {
  const service = aName()
  await files(twoFiles)
  await migrateService({ url: database.url, service, folder })
  await rm(join(folder, '0002-second.sql'))
  await expect(migrateService({ url: database.url, service, folder })).rejects.toThrow(
    `the ${service} schema is newer than this code: it holds 0002-second`,
  )
})

test('a gap in the numbers is refused before anything is made', async () => {
  const service = aName()
  await files({ '0001-first.sql': 'select 1', '0003-third.sql': 'select 1' })
  await expect(migrateService({ url: database.url, service, folder })).rejects.toThrow(
    'should start with 0002-',
  )
  const { rowCount } = await admin.query('select from pg_roles where rolname = $1', [service])
  expect(rowCount).toBe(0)
})

test('a login without superuser rights migrates, and lets the login of the service run as its role', async () => {
  const [migrator, login, service] = [aName(), aName(), aName()]
  await admin.query(`create role ${migrator} login createrole password 'm'`)
  await admin.query(`create role ${login} login password 'l'`)
  const url = new URL(database.url)
  await admin.query(`grant create on database ${url.pathname.slice(1)} to ${migrator}`)
  await files(twoFiles)
  url.username = migrator
  url.password = 'm'
  await migrateService({ url: url.href, service, folder, login })
  url.username = login
  url.password = 'l'
  expect(await as(service, 'select count(*)::int4 as count from notes', url.href)).toEqual([{ count: 2 }])
})
