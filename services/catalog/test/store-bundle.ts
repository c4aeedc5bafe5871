import { randomBytes } from 'node:crypto'
import { type JobId, newUuidv7, newVersionId } from '@strait/domain/ids'
import { createKysely, createPool } from '@strait/postgres/pool'
import { createTestDatabase, type TestDatabase } from '@strait/testkit/test-database'
import { sql } from 'kysely'
import type pg from 'pg'
import { bootstrap } from '../src/bootstrap.ts'
import { configDefaults, type JobConfig } from '../src/domain/jobs/job.ts'
import type { CatalogDb } from '../src/store/database.ts'
import { insertJobIfSlugIsFree } from '../src/store/jobs/insert-job.ts'
import type { Tables } from '../src/store/tables.ts'

/** A migrated database of its own, the catalog's pool on it, and one project with a key. */
export interface StoreBundle extends AsyncDisposable {
  readonly database: TestDatabase
  readonly masterKey: string
  readonly pool: pg.Pool
  readonly db: CatalogDb
  readonly projectId: string
  readonly apiKey: string
}

export async function openStore(): Promise<StoreBundle> {
  const database = await createTestDatabase()
  const masterKey = randomBytes(32).toString('base64')
  const made = await bootstrap({ databaseUrl: database.url, masterKey, projectSlug: 'demo' })
  const onError = () => undefined
  const pool = createPool({ url: database.url, role: 'catalog', max: 10, name: 'catalog-test', onError })
  const db = createKysely<Tables>(pool)
  return {
    ...made,
    database,
    masterKey,
    pool,
    db,
    async [Symbol.asyncDispose]() {
      await db.destroy()
      await database.drop()
    },
  }
}

/** A whole configuration, legal where nothing else is asked for. */
export function aConfig(over: Partial<JobConfig> = {}): JobConfig {
  return { ...configDefaults, name: 'A job', slug: 'a-job', endpointUrl: 'https://example.com', ...over }
}

/** Stores a job past all checks and answers its id. */
export async function insertJob(
  db: CatalogDb,
  projectId: string,
  over: Partial<JobConfig> = {},
): Promise<JobId> {
  const id = newUuidv7<JobId>()
  const job = { id, projectId, versionId: newVersionId(), config: aConfig(over) }
  const at = await insertJobIfSlugIsFree(db, { ...job, webhookSecret: undefined, createdBy: 'system:test' })
  if (at === undefined) throw new Error(`the slug ${job.config.slug} is taken`)
  return id
}

/** Stores many jobs in a group, in one statement. */
export async function insertJobsInGroup(
  db: CatalogDb,
  { projectId, groupId, count }: { projectId: string; groupId: string; count: number },
): Promise<void> {
  await sql`
    with made as (
      select gen_random_uuid() as id, 'many-' || n as slug from generate_series(1, ${count}::int4) as n
    ), heads as (
      insert into jobs (id, project_id, slug, name, group_id, version, created_by)
      select id, ${projectId}, slug, 'Many', ${groupId}, 1, 'system:test' from made
    )
    insert into job_versions (job_id, version, version_id, config, created_by)
    select id, 1, 'ver_aaaaaaaaaa', jsonb_build_object('group_id', ${groupId}::text), 'system:test' from made
  `.execute(db)
}
