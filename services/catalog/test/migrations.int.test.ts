// What becomes of rows that were there before a migration.

import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createKysely, createPool } from '@strait/postgres/pool'
import { migrateService } from '@strait/postgres/sql-migrations'
import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { formatApiKey, hashApiKeySecret } from '../src/domain/keys/api-key.ts'
import { newApiKey } from '../src/new-api-key.ts'
import { verifyApiKeys } from '../src/store/keys/api-keys.ts'
import type { Tables } from '../src/store/tables.ts'
import { openStore } from './store-bundle.ts'

const folder = fileURLToPath(new URL('../migrations', import.meta.url))

test('a key from before there were scopes goes on opening everything', async () => {
  const store = await openStore()
  onTestFinished(() => store[Symbol.asyncDispose]())
  const { url } = store.database
  const old = await mkdtemp(join(tmpdir(), 'migrations-'))
  onTestFinished(() => rm(old, { recursive: true }))
  await copyFile(join(folder, '0001-catalog.sql'), join(old, '0001-catalog.sql'))
  const admin = createPool({ url, max: 1, name: 'catalog-test', onError: () => undefined })
  await admin.query('drop schema catalog cascade').finally(() => admin.end())
  await migrateService({ url, service: 'catalog', folder: old })

  const pool = createPool({ url, role: 'catalog', max: 1, name: 'catalog-test', onError: () => undefined })
  const db = createKysely<Tables>(pool)
  onTestFinished(() => db.destroy())
  const key = newApiKey()
  await sql`
    with project as (
      insert into projects (id, slug, name, data_key)
      values (${store.projectId}, 'old', 'Old', ${Buffer.alloc(61)}) returning id
    )
    insert into api_keys (id, project_id, secret_hash, name, created_by, created_at)
    select ${key.id}, id, ${hashApiKeySecret(key.secret)}, 'old', 'system:bootstrap', '2026-01-01T00:00:00Z' from project
  `.execute(db)

  expect(await migrateService({ url, service: 'catalog', folder })).toContain('0002-limit-and-end-api-keys')
  expect(await verifyApiKeys(db, [formatApiKey(key)])).toEqual([
    { keyId: key.id, projectId: store.projectId, scopes: ['admin'], expiresAt: undefined },
  ])
  const row = await db.selectFrom('api_keys').selectAll().executeTakeFirstOrThrow()
  expect(row).toMatchObject({ revision: 1, updated_by: 'system:bootstrap', updated_at: row.created_at })
})
