// The jobs of a project, page by page.

import type { Job } from '@strait/contracts/catalog/v1/job_pb'
import { newUuidv7 } from '@strait/domain/ids'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AppBundle, openApp } from './app-bundle.ts'
import { type JobFields, makeJob, patchJob } from './job-bundle.ts'
import { refusalOf } from './refusal.ts'

let app: AppBundle
beforeAll(async () => {
  app = await openApp()
})
afterAll(() => app[Symbol.asyncDispose]())

type Filter = Parameters<AppBundle['jobs']['listJobs']>[0]

/** The slugs of every page, in order. */
async function slugsOf(filter: Filter): Promise<readonly (string | undefined)[]> {
  const slugs: (string | undefined)[] = []
  for (let pageToken = ''; ; ) {
    const page = await app.jobs.listJobs({ pageSize: 2, ...filter, pageToken })
    expect(page.jobs.length).toBeLessThanOrEqual(2)
    slugs.push(...page.jobs.map((job) => job.slug))
    pageToken = page.nextPageToken
    if (pageToken === '') return slugs
  }
}

async function group(slug: string): Promise<string> {
  const id = newUuidv7()
  const { projectId, db } = app.store
  const by = { created_by: 'system:test', updated_by: 'system:test' }
  await db
    .insertInto('job_groups')
    .values({ id, project_id: projectId, slug, name: slug, description: '', ...by })
    .execute()
  return id
}

test('every filter lets through what it says, and together all must hold', async () => {
  const groupId = await group('billing')
  const staging = await app.store.db
    .selectFrom('environments')
    .select('id')
    .where('slug', '=', 'staging')
    .executeTakeFirst()
  const environment: JobFields = staging === undefined ? {} : { environmentId: staging.id }
  await makeJob(app, { slug: 'a', name: 'Alpha', tags: { team: 'x', tier: '1' }, groupId })
  await makeJob(app, {
    slug: 'b',
    name: 'Beta',
    tags: { team: 'x', tier: '2' },
    enabled: false,
    description: '100% of it',
  })
  await makeJob(app, {
    slug: 'c',
    name: 'Gamma',
    tags: { team: 'y' },
    description: 'under_score and back\\slash',
    ...environment,
  })
  await makeJob(app, {
    slug: 'd-beta',
    name: 'Delta Ärger',
    tags: { ['__proto__']: 'p', team: '' },
    groupId,
    enabled: false,
  })
  const deleted = await makeJob(app, { slug: 'e', tags: { team: 'x' } })
  await app.jobs.deleteJob({ job: deleted.id, force: true })

  expect(await slugsOf({})).toEqual(['d-beta', 'c', 'b', 'a'])
  expect(await slugsOf({ tags: { team: 'x' } })).toEqual(['b', 'a'])
  expect(await slugsOf({ tags: { team: 'x', tier: '2' } })).toEqual(['b'])
  expect(await slugsOf({ tags: { team: '' } })).toEqual(['d-beta'])
  expect(await slugsOf({ tags: { tier: 'x' } })).toEqual([])
  expect(await slugsOf({ tags: JSON.parse('{"__proto__": "p"}') as Record<string, string> })).toEqual([
    'd-beta',
  ])
  expect(await slugsOf({ tags: { constructor: 'p' } })).toEqual([])
  expect(await slugsOf({ group: 'billing' })).toEqual(['d-beta', 'a'])
  expect(await slugsOf({ group: groupId })).toEqual(['d-beta', 'a'])
  expect(await slugsOf({ enabled: true })).toEqual(['c', 'a'])
  expect(await slugsOf({ enabled: false })).toEqual(['d-beta', 'b'])
  expect(await slugsOf({ text: 'BETA' })).toEqual(['d-beta', 'b'])
  expect(await slugsOf({ text: 'ÄRGER' })).toEqual(['d-beta'])
  expect(await slugsOf({ text: '%' })).toEqual(['b'])
  expect(await slugsOf({ text: '_' })).toEqual(['c'])
  expect(await slugsOf({ text: 'k\\s' })).toEqual(['c'])
  expect(await slugsOf({ text: "'; drop table jobs; --" })).toEqual([])
  expect(await slugsOf({ text: 'beta', enabled: false, group: 'billing' })).toEqual(['d-beta'])
  if (staging !== undefined) {
    expect(await slugsOf({ environment: 'staging' })).toEqual(['c'])
    expect(await slugsOf({ environment: staging.id })).toEqual(['c'])
  }
  // What is filtered by is what there is now.
  await patchJob(app, 'a', { tags: { team: 'z' }, enabled: false })
  expect(await slugsOf({ tags: { team: 'x' } })).toEqual(['b'])
  expect(await slugsOf({ enabled: true })).toEqual(['c'])

  expect(await app.rest('GET', '/v1/jobs?tags[team]=x&enabled=false')).toMatchObject({
    status: 200,
    body: { jobs: [{ slug: 'b' }], next_page_token: '' },
  })
  expect(await app.rest('GET', '/v1/jobs?group=billing&page_size=1')).toMatchObject({
    body: { jobs: [{ slug: 'd-beta' }], next_page_token: expect.stringMatching(/./) },
  })
})

test('what cannot be filtered by is refused, all at once', async () => {
  const many = Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`k${i}`, 'v']))
  for (const [request, fields] of [
    [{ group: 'no-such' }, ['group']],
    [{ group: '' }, ['group']],
    [{ environment: newUuidv7() }, ['environment']],
    [{ environment: 'No Slug' }, ['environment']],
    [{ text: '' }, ['text']],
    [{ text: 'x'.repeat(256) }, ['text']],
    [{ text: 'a\0b' }, ['text']],
    [{ tags: many }, ['tags']],
    [{ tags: { '': 'x' } }, ['tags']],
    [{ tags: { a: 'b\0' } }, ['tags']],
    [{ pageSize: 251 }, ['page_size']],
    [{ pageSize: -1 }, ['page_size']],
    [{ pageToken: 'nonsense', group: 'no-such', text: '' }, ['text', 'group', 'page_token']],
  ] as const)
    expect(await refusalOf(app.jobs.listJobs(request)), JSON.stringify(request)).toMatchObject({
      reason: 'FIELD_INVALID',
      fields,
    })
})

test('a place is good only under the filters that it was given for', async () => {
  for (let i = 0; i < 3; i++) await makeJob(app, { tags: { paged: 'yes', i: `${i}` } })
  const filter = { tags: { paged: 'yes' }, pageSize: 1 }
  const { nextPageToken: pageToken } = await app.jobs.listJobs(filter)
  expect((await app.jobs.listJobs({ ...filter, pageToken })).jobs.map((job) => job.tags.i)).toEqual(['1'])
  // How many are asked for is no filter.
  expect(
    (await app.jobs.listJobs({ ...filter, pageSize: 5, pageToken })).jobs.map((job) => job.tags.i),
  ).toEqual(['1', '0'])
  for (const other of [{}, { tags: { paged: 'no' } }, { ...filter, enabled: true }, { ...filter, text: 'a' }])
    expect(await refusalOf(app.jobs.listJobs({ ...other, pageToken }))).toMatchObject({
      fields: ['page_token'],
    })
})

test('jobs that are made or deleted meanwhile move nothing', async () => {
  const made: Job[] = []
  for (let i = 0; i < 5; i++) made.push(await makeJob(app, { tags: { steady: 'yes' } }))
  const filter = { tags: { steady: 'yes' }, pageSize: 2 }
  const first = await app.jobs.listJobs(filter)
  expect(first.jobs.map((job) => job.id)).toEqual([made[4]!.id, made[3]!.id])
  await makeJob(app, { tags: { steady: 'yes' } })
  await app.jobs.deleteJob({ job: made[3]!.id, force: true })
  const second = await app.jobs.listJobs({ ...filter, pageToken: first.nextPageToken })
  expect(second.jobs.map((job) => job.id)).toEqual([made[2]!.id, made[1]!.id])
  const last = await app.jobs.listJobs({ ...filter, pageToken: second.nextPageToken })
  expect(last.jobs.map((job) => job.id)).toEqual([made[0]!.id])
  expect(last.nextPageToken).toBe('')
})

test('a page of large jobs ends at 8 MiB, and none is left out', async () => {
  const cronPayload = JSON.stringify('x'.repeat(1_000_000))
  for (let i = 0; i < 10; i++) await makeJob(app, { cronPayload, tags: { large: 'yes' } })
  const page = await app.jobs.listJobs({ tags: { large: 'yes' }, pageSize: 250 })
  expect(page.jobs).toHaveLength(8)
  const rest = await app.jobs.listJobs({
    tags: { large: 'yes' },
    pageSize: 250,
    pageToken: page.nextPageToken,
  })
  expect(rest.jobs).toHaveLength(2)
  expect(rest.nextPageToken).toBe('')
})
