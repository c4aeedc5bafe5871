// What the database itself says of environments, whatever the code does.

import { randomBytes } from 'node:crypto'
import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { newUuidv7, uuidv7Time } from '@strait/domain/ids'
import { createPool } from '@strait/postgres/pool'
import { migrateService } from '@strait/postgres/sql-migrations'
import { createTestDatabase } from '@strait/testkit/test-database'
import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { createCatalogDb } from '../src/store/database.ts'
import { aStore } from './spawned-catalog.ts'

const migrations = fileURLToPath(new URL('../migrations', import.meta.url))

test('variables are never stored bare, slugs have their form, and nobody is its own parent', async () => {
  const { db, projectId } = await aStore()
  const { id } = await db
    .selectFrom('environments')
    .select('id')
    .where('slug', '=', 'staging')
    .where('project_id', '=', projectId)
    .executeTakeFirstOrThrow()
  const set = (values: object) => db.updateTable('environments').set(values).where('id', '=', id).execute()
  await expect(set({ sealed_variables: randomBytes(29) })).rejects.toThrow('variables_are_never_stored_bare')
  await expect(set({ parent_id: id })).rejects.toThrow('an_environment_is_not_its_own_parent')
  await expect(set({ parent_id: newUuidv7() })).rejects.toThrow('the_parent_of_an_environment_exists')
  await expect(set({ slug: 'production' })).rejects.toThrow('environment_slugs_are_unique_in_a_project')
  await expect(set({ name: '' })).rejects.toThrow('an_environment_name_has_1_to_255_characters')
  for (const slug of ['No Slug', '', newUuidv7()])
    await expect(set({ slug })).rejects.toThrow('an_environment_slug_has_the_form_of_one')
})

test('a project from before there were environments gets its three', async () => {
  const database = await createTestDatabase()
  onTestFinished(() => database.drop())
  const { url } = database
  const old = await mkdtemp(join(tmpdir(), 'migrations-'))
  onTestFinished(() => rm(old, { recursive: true }))
  const files = (await readdir(migrations)).toSorted()
  for (const file of files.filter((name) => name < '0003'))
    await copyFile(join(migrations, file), join(old, file))
  const admin = createPool({ url, max: 1, name: 'catalog-test', onError: () => undefined })
  await admin.query('drop schema catalog cascade').finally(() => admin.end())
  await migrateService({ url, service: 'catalog', folder: old })
  const pool = createPool({ url, role: 'catalog', max: 1, name: 'catalog-test', onError: () => undefined })
  const db = createCatalogDb(pool)
  onTestFinished(() => db.destroy())
  const projects = [newUuidv7(), newUuidv7()]
  for (const [nth, id] of projects.entries())
    await sql`
      insert into projects (id, slug, name, data_key) values (${id}, ${`old-${nth}`}, 'Old', ${Buffer.alloc(61)})
    `.execute(db)
  const begun = Date.now()
  await migrateService({ url, service: 'catalog', folder: migrations })

  const rows = await db.selectFrom('environments').selectAll().orderBy('slug').execute()
  for (const project of projects) {
    const made = rows.filter((row) => row.project_id === project)
    expect(made.map(({ slug, name }) => `${slug} ${name}`)).toEqual([
      'development Development',
      'production Production',
      'staging Staging',
    ])
    for (const row of made) {
      expect(row).toMatchObject({ created_by: 'system:catalog', sealed_variables: null, parent_id: null })
      // The clocks of the database and of this process are one machine's.
      const mintedMs = uuidv7Time(row.id).getTime()
      expect(mintedMs).toBeGreaterThanOrEqual(begun - 1_000)
      expect(mintedMs).toBeLessThanOrEqual(Date.now() + 1_000)
    }
  }
  expect(new Set(rows.map((row) => row.id)).size).toBe(6)
})
