// What the database itself refuses, whatever the code does.

import { randomBytes } from 'node:crypto'
import { newUuidv7 } from '@strait/domain/ids'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { insertJob, openStore, type StoreBundle } from './store-bundle.ts'

const by = { created_by: 'system:test', updated_by: 'system:test' }
const aKeyRow = { ...by, name: 'x', scopes: ['jobs:read'], secret_hash: randomBytes(32) }

let store: StoreBundle
beforeAll(async () => {
  store = await openStore()
})
afterAll(() => store[Symbol.asyncDispose]())

test('a version never changes', async () => {
  const { db, projectId } = store
  const id = await insertJob(db, projectId, { slug: 'frozen' })
  const change = db.updateTable('job_versions').set({ created_by: 'somebody' }).where('job_id', '=', id)
  await expect(change.execute()).rejects.toThrow('a version never changes')
})

test('a head points at a version that exists', async () => {
  const { db, projectId } = store
  const id = await insertJob(db, projectId, { slug: 'headed' })
  const change = db.updateTable('jobs').set({ version: 2 }).where('id', '=', id)
  await expect(change.execute()).rejects.toThrow('the_newest_version_of_a_job_exists')
})

test('a slug is unique in its project, has the form of one and never that of an id', async () => {
  const { db, projectId } = store
  const id = await insertJob(db, projectId, { slug: 'first' })
  await insertJob(db, projectId, { slug: 'second' })
  const rename = (slug: string) => db.updateTable('jobs').set({ slug }).where('id', '=', id).execute()
  await expect(rename('second')).rejects.toThrow('job_slugs_are_unique_in_a_project')
  for (const slug of ['No Slug', '-a', 'a--b', '', 'a'.repeat(129), newUuidv7()]) {
    await expect(rename(slug)).rejects.toThrow('a_job_slug_has_the_form_of_one')
  }
})

test('neither a data key nor a key of the API is stored bare', async () => {
  const { db, projectId } = store
  const bare = db
    .updateTable('projects')
    .set({ data_key: randomBytes(32) })
    .where('id', '=', projectId)
  await expect(bare.execute()).rejects.toThrow('a_data_key_is_never_stored_bare')
  const key = { ...aKeyRow, project_id: projectId, id: 'abcdefghij' }
  const stored = db.insertInto('api_keys').values({ ...key, secret_hash: randomBytes(40) })
  await expect(stored.execute()).rejects.toThrow('an_api_key_secret_is_stored_hashed')
})

test('a key ends at a time, has words for scopes, and keeps an old secret hashed, with an end, and until it is revoked', async () => {
  const { db, projectId } = store
  const id = 'abcdefghijkl'
  await db
    .insertInto('api_keys')
    .values({ ...aKeyRow, project_id: projectId, id })
    .execute()
  const broken = [
    ["scopes = '{jobs:read,No Word}'", 'an_api_key_scope_has_the_form_of_one'],
    ['scopes = array[null]::text[]', 'an_api_key_scope_has_the_form_of_one'],
    ['scopes = null', 'scopes'],
    ["expires_at = 'infinity'", 'an_api_key_ends_at_a_time_or_never'],
    ['previous_secret_hash = secret_hash', 'a_previous_api_key_secret_has_an_end'],
    ['previous_secret_expires_at = now()', 'a_previous_api_key_secret_has_an_end'],
    [
      "previous_secret_hash = '', previous_secret_expires_at = now()",
      'a_previous_api_key_secret_is_stored_hashed',
    ],
    [
      'revoked_at = now(), previous_secret_hash = secret_hash, previous_secret_expires_at = now()',
      'a_revoked_api_key_has_no_previous_secret',
    ],
    ['revision = 0', 'api_key_revisions_count_from_1'],
  ] as const
  for (const [change, constraint] of broken)
    await expect(
      sql`update api_keys set ${sql.raw(change)} where id = ${id}`.execute(db),
      change,
    ).rejects.toThrow(constraint)
})

test('a key is bound to a project, or is of the deployment and nothing else', async () => {
  const { db, projectId } = store
  const insert = (id: string, project_id: string | null, scopes: string[]) =>
    db
      .insertInto('api_keys')
      .values({ ...aKeyRow, id, project_id, scopes })
      .execute()
  await insert('deployment01', null, ['deployment'])
  const broken = [
    [null, ['admin']],
    [null, []],
    [null, ['deployment', 'admin']],
    [projectId, ['deployment']],
    [projectId, ['admin', 'deployment']],
  ] as const
  for (const [project, scopes] of broken)
    await expect(insert('deployment02', project, [...scopes])).rejects.toThrow(
      'a_key_is_bound_to_a_project_or_is_the_deployment_s',
    )
})

test('a project is never taken for an id, and its list has an end', async () => {
  const { db, projectId } = store
  const set = (change: object) => db.updateTable('projects').set(change).where('id', '=', projectId).execute()
  await expect(set({ slug: newUuidv7() })).rejects.toThrow('a_project_slug_is_never_taken_for_an_id')
  await expect(set({ egress_allow: Array(51).fill('10.0.0.0/8') })).rejects.toThrow(
    'a_project_allows_at_most_50_ranges',
  )
})

test('every constraint is named as a statement, not by the database', async () => {
  const { rows } = await sql<{ name: string }>`
    select conname as name from pg_constraint
    where connamespace = 'catalog'::regnamespace and contype <> 'n' and conrelid::regclass::text !~ 'kysely'
    order by 1
  `.execute(store.db)
  const names = rows.map((row) => row.name)
  expect(names.length).toBeGreaterThan(20)
  expect(names.filter((name) => /_(?:pkey|fkey|key|check)\d*$/.test(name))).toEqual([])
})
