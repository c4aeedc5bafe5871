// HeadsChanged and GetHeads as they look on the wire, and what they refuse.

import { toJson } from '@bufbuild/protobuf'
import { HeadSchema } from '@strait/contracts/catalog/v1/catalog_internal_service_pb'
import { settled } from '@strait/testkit/settled'
import { waitFor } from '@strait/testkit/wait-for'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { type AppBundle, openApp } from './app-bundle.ts'
import { aFollower, never } from './follower-bundle.ts'
import { insertEnvironment, insertGroup } from './heads-bundle.ts'
import { refusalOf } from './refusal.ts'
import { insertJob } from './store-bundle.ts'

let app: AppBundle
beforeAll(async () => {
  app = await openApp()
})
afterAll(() => app[Symbol.asyncDispose]())

test('a head has every live field, and both calls tell it alike', async () => {
  const { db, projectId } = app.store
  const group = await insertGroup(db, projectId, 'group')
  const environment = await insertEnvironment(db, projectId, 'qa')
  const limited = await insertJob(db, projectId, {
    slug: 'limited',
    cron: '0 * * * *',
    maxConcurrency: 3,
    maxConcurrencyPerKey: 2,
    rateLimitMax: 5,
    rateLimitWindowSecs: 60,
    rateLimitKeys: [{ name: 'tenant', max: 7, windowSecs: 30 }],
    versionPolicy: 'minor',
  })
  const plain = await insertJob(db, projectId, { slug: 'plain' })
  await sql`update jobs set group_id = ${group}, paused_at = now(), closing_at = now() where id = ${limited}`.execute(
    db,
  )
  await sql`update jobs set enabled = false, deleted_at = now(), cancel_runs = true where id = ${plain}`.execute(
    db,
  )
  await sql`update job_groups set paused_at = now(), deleted_at = now() where id = ${group}`.execute(db)
  await sql`update environments set variables_revision = 4, deleted_at = now() where id = ${environment}`.execute(
    db,
  )
  await sql`
    update projects set paused_at = now(), egress_allow = '{"10.0.0.0/8","192.168.1.0/24:443"}' where id = ${projectId}
  `.execute(db)

  const ids = [limited, plain, group, environment, projectId]
  const { heads, asOf } = await app.internal.getHeads({ ids: [...ids, ...ids, group.toUpperCase()] })
  const shown = Object.fromEntries(
    heads.map((head) => [head.kind.value?.id, Object.values(toJson(HeadSchema, head) as object)[0]]),
  )
  const versions = await db.selectFrom('job_versions').selectAll().execute()
  const versionOf = (id: string) => versions.find((version) => version.job_id === id)
  const job = { projectId, version: 1 }
  expect(shown).toEqual({
    [limited]: {
      ...job,
      id: limited,
      slug: 'limited',
      versionId: versionOf(limited)?.version_id,
      updatedAt: versionOf(limited)?.created_at.toISOString(),
      groupId: group,
      enabled: true,
      paused: true,
      closing: true,
      maxConcurrency: 3,
      maxConcurrencyPerKey: 2,
      rateLimitMax: 5,
      rateLimitWindowSecs: 60,
      rateLimitKeys: [{ name: 'tenant', max: 7, windowSecs: 30 }],
      versionPolicy: 'VERSION_POLICY_MINOR',
      hasCron: true,
    },
    [plain]: {
      ...job,
      id: plain,
      slug: 'plain',
      versionId: versionOf(plain)?.version_id,
      updatedAt: versionOf(plain)?.created_at.toISOString(),
      deleted: true,
      cancelRuns: true,
      versionPolicy: 'VERSION_POLICY_PIN',
    },
    [group]: { id: group, projectId, paused: true, deleted: true },
    [environment]: { id: environment, projectId, revision: 4, deleted: true },
    [projectId]: { id: projectId, paused: true, egressAllow: ['10.0.0.0/8', '192.168.1.0/24:443'] },
  })
  expect(heads).toHaveLength(5)
  expect(asOf).toBeGreaterThan(0n)

  // The cursor before everything, of a reader that is past its beginning: it hears of what is deleted too.
  await settled(app.store.database.url)
  const changed = await app.internal.headsChanged({ since: `0.${projectId}` })
  const byId = (id: string) => changed.heads.find((head) => head.kind.value?.id === id)
  for (const head of heads) expect(byId(head.kind.value?.id ?? '')).toEqual(head)
})

test("a version from before a field existed has that field's default", async () => {
  const { db, projectId } = app.store
  const id = await insertJob(db, projectId, { slug: 'old' })
  await sql`
    with version as (
      insert into job_versions (job_id, version, version_id, config, created_by)
      values (${id}, 2, 'ver_0000000002', '{"name": "Old", "slug": "old", "endpoint_url": "https://example.com"}', 'system:test')
    )
    update jobs set version = 2 where id = ${id}
  `.execute(db)
  const { heads } = await app.internal.getHeads({ ids: [id] })
  expect(heads[0]?.kind.value).toMatchObject({
    version: 2,
    maxConcurrency: 0,
    rateLimitKeys: [],
    versionPolicy: 1,
  })
})

test('a job is found by name in its own project, and only while it is there', async () => {
  const { db, projectId } = app.store
  const id = await insertJob(db, projectId, { slug: 'named' })
  const find = async (project: string, job: string) => {
    const { heads } = await app.internal.getHeads({ jobs: [{ projectId: project, job }] })
    return heads.map((head) => head.kind.value?.id)
  }
  for (const name of ['named', id, id.toUpperCase()]) expect(await find(projectId, name)).toEqual([id])
  for (const name of ['Named', '', 'constructor', '__proto__', projectId])
    expect(await find(projectId, name)).toEqual([])
  for (const project of [id, '', 'demo', '__proto__']) expect(await find(project, 'named')).toEqual([])
  await sql`update jobs set deleted_at = now() where id = ${id}`.execute(db)
  for (const name of ['named', id]) expect(await find(projectId, name)).toEqual([])
})

test.each([
  'x',
  '1',
  '1.',
  '-1.01890000-0000-7000-8000-000000000000',
  '01.01890000-0000-7000-8000-000000000000',
  '1.01890000-0000-7000-8000-00000000000x',
  '1.01890000-0000-7000-8000-000000000000.',
  '1.01890000-0000-7000-8000-000000000000.0',
  '1.01890000-0000-7000-8000-000000000000.1.1',
  '99999999999999999999.01890000-0000-7000-8000-000000000000',
  "1.01890000-0000-7000-8000-00000000000'",
])('%j is no cursor', async (since) => {
  const refused = await refusalOf(app.internal.headsChanged({ since, limit: -1 }))
  expect(refused).toMatchObject({
    code: 'invalid_argument',
    reason: 'FIELD_INVALID',
    fields: ['since', 'limit'],
  })
})

test('limits and batches have bounds', async () => {
  for (const limit of [-1, 10_001]) {
    expect(await refusalOf(app.internal.headsChanged({ limit }))).toMatchObject({ fields: ['limit'] })
  }
  expect((await app.internal.headsChanged({ limit: 10_000 })).more).toBe(false)
  const ids = Array.from({ length: 1_001 }, () => app.store.projectId)
  expect(await refusalOf(app.internal.getHeads({ ids }))).toMatchObject({ fields: ['ids'] })
  const jobs = ids.map((projectId) => ({ projectId, job: 'x' }))
  expect(await refusalOf(app.internal.getHeads({ jobs }))).toMatchObject({ fields: ['jobs'] })
  expect((await app.internal.getHeads({ ids: ids.slice(1), jobs: jobs.slice(1) })).heads).toHaveLength(1)
  expect(await app.internal.getHeads({})).toMatchObject({ heads: [], asOf: 0n })
})

test('jobs whose configurations are too large to be read at once are refused together, and a follower learns them all the same', async () => {
  const own = await openApp()
  onTestFinished(() => own[Symbol.asyncDispose]())
  const { db, projectId } = own.store
  const { follower } = await aFollower({ catalogUrl: own.baseUrl, pollMs: never })
  await waitFor(follower.isCurrent, { what: 'the first reading' })
  const cronPayload = `"${'x'.repeat(1024 * 1024 - 2)}"`
  const ids: string[] = []
  for (let n = 0; n < 34; n++) ids.push(await insertJob(db, projectId, { slug: `job-${n}`, cronPayload }))
  expect(await refusalOf(own.internal.getHeads({ ids }))).toMatchObject({ reason: 'OVERLOADED' })
  const found = await Promise.all(ids.map((id) => follower.jobs.resolve(projectId, id)))
  expect(found.map((head) => head?.id)).toEqual(ids)
})
