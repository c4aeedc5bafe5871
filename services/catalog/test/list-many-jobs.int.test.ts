// A project of 10,000 jobs, listed page by page: every job once, and what a page reads does not grow with where it is.

import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PlaceByAge } from '../src/store/by-age.ts'
import { jobPageStatement, listJobs } from '../src/store/jobs/list-jobs.ts'
import { type AppBundle, openApp } from './app-bundle.ts'

const count = 10_000

let app: AppBundle
beforeAll(async () => {
  app = await openApp()
  const { db, projectId } = app.store
  // Many are made in one microsecond, as in a bulk: then their ids tell them apart.
  await sql`
    with ids as (
      select n, gen_random_uuid() as id, now() - (n / 7) * interval '1 second' as at from generate_series(1, ${count}::int4) as n
    ), heads as (
      insert into jobs (id, project_id, slug, name, version, tags, enabled, created_by, created_at)
      select id, ${projectId}, 'many-' || n, 'Many', 1, jsonb_build_object('n', (n % 10)::text), n % 2 = 0, 'system:test', at from ids
    )
    insert into job_versions (job_id, version, version_id, config, created_by)
    select id, 1, 'ver_' || lpad(n::text, 10, '0'),
      jsonb_build_object('name', 'Many', 'slug', 'many-' || n, 'endpoint_url', 'https://example.com'), 'system:test'
    from ids
  `.execute(db)
  await sql`analyze jobs, job_versions`.execute(db)
})
afterAll(() => app[Symbol.asyncDispose]())

test('every job comes once, newest first', async () => {
  const slugs: string[] = []
  for (let pageToken = ''; ; ) {
    const page = await app.jobs.listJobs({ pageSize: 250, pageToken })
    slugs.push(...page.jobs.map((job) => job.slug!))
    pageToken = page.nextPageToken
    if (pageToken === '') break
  }
  expect(slugs).toHaveLength(count)
  expect(new Set(slugs).size).toBe(count)
  const ages = slugs.map((slug) => Math.floor(Number(slug.slice('many-'.length)) / 7))
  expect(ages).toEqual([...ages].sort((a, b) => a - b))
})

test('a page in the middle and at the end reads no more than the first', async () => {
  const { db, projectId } = app.store
  const filter = {
    tags: {},
    groupId: undefined,
    environmentId: undefined,
    enabled: undefined,
    text: undefined,
  }
  const limit = 50
  const read: number[] = []
  let after: PlaceByAge | undefined
  for (let page = 0; page < count / limit; page++) {
    const query = { projectId, filter, after, limit }
    if (page % 50 === 0 || page === count / limit - 1) read.push(await pagesRead(query))
    after = (await listJobs(db, query)).next
  }
  expect(after).toBeUndefined()
  expect(read).toHaveLength(5)
  // 51 heads and their versions, through two indexes: some pages each. All jobs together are thousands.
  for (const pages of read) expect(pages).toBeLessThan(700)
  expect(Math.max(...read)).toBeLessThan(Math.min(...read) * 2)
})

/** The pages of Postgres that a statement touches. */
async function pagesRead(query: Parameters<typeof jobPageStatement>[0]): Promise<number> {
  const { db } = app.store
  const { rows } = await sql<{ 'QUERY PLAN': readonly { Plan: Record<string, number> }[] }>`
    explain (analyze, buffers, timing off, format json) ${jobPageStatement(query)}
  `.execute(db)
  const { Plan: plan } = rows[0]!['QUERY PLAN'][0]!
  return plan['Shared Hit Blocks']! + plan['Shared Read Blocks']!
}
