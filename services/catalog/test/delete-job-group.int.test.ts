// The end of a group, and what becomes of its jobs.

import { JobGroupService } from '@strait/contracts/catalog/v1/job_group_service_pb'
import { type GroupId, newUuidv7 } from '@strait/domain/ids'
import { createPool } from '@strait/postgres/pool'
import { waitFor } from '@strait/testkit/wait-for'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bootstrap } from '../src/bootstrap.ts'
import { findJob } from '../src/store/jobs/find-job.ts'
import { findJobVersions } from '../src/store/jobs/find-job-versions.ts'
import { goneBelonging } from '../src/store/jobs/gone-belonging.ts'
import { type AppBundle, aJob, anotherProject, openApp } from './app-bundle.ts'
import { auditOf } from './audit-of.ts'
import { makeGroup, rowOf } from './group-bundle.ts'
import { refusalOf } from './refusal.ts'
import { insertJob, insertJobsInGroup } from './store-bundle.ts'

let app: AppBundle
let login: ReturnType<typeof createPool>
beforeAll(async () => {
  app = await openApp()
  const { url } = app.store.database
  login = createPool({ url, max: 1, name: 'catalog-test', onError: () => undefined })
})
afterAll(async () => {
  await login.end()
  await app[Symbol.asyncDispose]()
})

const jobOf = (job: string) => findJob(app.store.db, { projectId: app.store.projectId, job })

async function jobIn(groupId: string, slug: string, over = {}) {
  return insertJob(app.store.db, app.store.projectId, { slug, groupId: groupId as GroupId, ...over })
}

/** How many statements wait for a lock right now; only the login sees what those of others do. */
async function waiting(): Promise<number> {
  const { rows } = await login.query<{ count: number }>(
    `select count(*)::int4 as count from pg_stat_activity
     where wait_event_type = 'Lock' and datname = current_database()`,
  )
  return rows[0]?.count ?? 0
}

test('its jobs stay, each with a new version without the group, and everything is in the audit log', async () => {
  const { db } = app.store
  const group = await makeGroup(app, 'Ends')
  const ids = [
    await jobIn(group.id, 'leaves-1', { backwardsCompatible: true, tags: { a: 'b' } }),
    await jobIn(group.id, 'leaves-2', { cronPayload: '{"exact":  1.0}' }),
  ]
  const stays = await insertJob(db, app.store.projectId, { slug: 'stays' })
  const row = await rowOf(app, 'jobs', stays)
  const { jobGroup } = await app.groups.deleteJobGroup({ group: 'ends', etag: group.etag })
  expect(jobGroup).toEqual(group)
  expect(await refusalOf(app.groups.getJobGroup({ group: group.id }))).toMatchObject({
    reason: 'JOB_GROUP_NOT_FOUND',
  })

  for (const id of ids) {
    const [first] = await findJobVersions(db, [{ jobId: id, version: 1 }])
    const now = await jobOf(id)
    expect(first?.config.groupId).toBe(group.id)
    expect(now).toMatchObject({ version: 2, createdBy: 'system:test', updatedBy: group.createdBy })
    expect(now?.versionId).toMatch(/^ver_[0-9a-z]{10}$/)
    expect(now?.versionId).not.toBe(first?.versionId)
    // What one version said of itself, the next does not.
    expect(now?.config).toEqual({ ...first?.config, groupId: undefined, backwardsCompatible: false })
    expect(await auditOf(app, id)).toEqual([
      expect.objectContaining({
        action: 'job.updated',
        resource_type: 'job',
        actor: group.createdBy,
        before: expect.objectContaining({ group_id: group.id }),
        after: expect.not.objectContaining({ group_id: expect.anything() }),
      }),
    ])
    const [entry] = await auditOf(app, id)
    const { version, versionId } = now ?? {}
    expect(entry?.after).toMatchObject({ version, version_id: versionId, backwards_compatible: false })
  }
  const { rows } = await sql`
    select j.group_id, v.compatible, j.changed = g.changed as at_once, j.updated_at > j.created_at as later
    from jobs j join job_versions v on v.job_id = j.id and v.version = j.version, job_groups g
    where j.id = any(${ids}::uuid[]) and g.id = ${group.id} and g.deleted_at is not null
  `.execute(db)
  expect(rows).toEqual(Array(2).fill({ group_id: null, compatible: true, at_once: true, later: true }))
  expect(await rowOf(app, 'jobs', stays)).toBe(row)
  const last = (await auditOf(app, group.id)).at(-1)
  expect(last).toMatchObject({ action: 'job_group.deleted', before: { name: 'Ends' }, after: null })
})

test('its slug is free again, and a group of more jobs than one statement takes ends whole', async () => {
  const { db, projectId } = app.store
  const group = await makeGroup(app, 'Large')
  await insertJobsInGroup(db, { projectId, groupId: group.id, count: 1_003 })
  await app.groups.deleteJobGroup({ group: group.id })
  const { rows } = await sql<{ version: number; group_id: string | null; count: number }>`
    select version, group_id, count(*)::int4 as count from jobs
    where project_id = ${projectId} and slug like 'many-%' group by 1, 2
  `.execute(db)
  expect(rows).toEqual([{ version: 2, group_id: null, count: 1_003 }])
  expect(await makeGroup(app, 'Large')).toMatchObject({ slug: 'large' })
})

test('an old etag keeps it, and of many deletions at once one is made', async () => {
  const group = await makeGroup(app, 'Guarded')
  const job = await jobIn(group.id, 'guarded')
  await app.groups.pauseJobGroup({ group: group.id })
  expect(await refusalOf(app.groups.deleteJobGroup({ group: group.id, etag: 'rev_1' }))).toMatchObject({
    reason: 'ETAG_MISMATCH',
    fields: ['etag'],
  })
  expect(await refusalOf(app.groups.deleteJobGroup({ group: group.id, etag: '' }))).toMatchObject({
    reason: 'FIELD_INVALID',
  })
  expect(await jobOf(job)).toMatchObject({ version: 1, config: { groupId: group.id } })
  const ended = await Promise.allSettled(
    Array.from({ length: 6 }, () => app.groups.deleteJobGroup({ group: group.id })),
  )
  expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  expect(await jobOf(job)).toMatchObject({ version: 2, config: { groupId: undefined } })
})

test('a pause and changes beside the deletion come before it or find it gone', async () => {
  const group = await makeGroup(app, 'Beside')
  const outcomes = await Promise.allSettled([
    app.groups.pauseJobGroup({ group: group.id }),
    app.groups.deleteJobGroup({ group: group.id }),
    app.groups.updateJobGroup({ group: group.id, patch: { name: 'New' }, updateMask: { paths: ['name'] } }),
  ])
  expect(outcomes[1]?.status).toBe('fulfilled')
  for (const outcome of outcomes)
    if (outcome.status === 'rejected')
      expect(await refusalOf(Promise.reject(outcome.reason))).toMatchObject({ reason: 'JOB_GROUP_NOT_FOUND' })
  const actions = (await auditOf(app, group.id)).map(({ action }) => action)
  expect(actions.at(-1)).toBe('job_group.deleted')
})

test('a job that joins before the deletion is taken out by it', async () => {
  const { db } = app.store
  const group = await makeGroup(app, 'Joined')
  const id = await insertJob(db, app.store.projectId, { slug: 'joins' })
  const deleting = await db.transaction().execute(async (trx) => {
    await trx.updateTable('jobs').set({ group_id: group.id }).where('id', '=', id).execute()
    const call = app.groups.deleteJobGroup({ group: group.id })
    await waitFor(async () => (await waiting()) > 0, { what: 'the deletion waits for the job' })
    return { call }
  })
  await deleting.call
  const head = db.selectFrom('jobs').select(['group_id', 'version']).where('id', '=', id)
  expect(await head.executeTakeFirst()).toEqual({ group_id: null, version: 2 })
})

test('a job that comes after the deletion is refused, however it comes', async () => {
  const { db, projectId } = app.store
  const group = await makeGroup(app, 'Closed')
  const member = await jobIn(group.id, 'member')
  const outside = await insertJob(db, projectId, { slug: 'outside' })
  const started = await db.transaction().execute(async (trx) => {
    // Holds the deletion up between the group, which it has, and its jobs.
    await sql`select from jobs where id = ${member} for update`.execute(trx)
    const deleting = app.groups.deleteJobGroup({ group: group.id })
    await waitFor(async () => (await waiting()) === 1, { what: 'the deletion waits for the job' })
    const joining = [
      jobIn(group.id, 'too-late'),
      db.updateTable('jobs').set({ group_id: group.id }).where('id', '=', outside).execute(),
    ].map((call) => call.then(() => 'stored', goneBelonging))
    await waitFor(async () => (await waiting()) === 3, { what: 'both jobs wait for the deletion' })
    return { deleting, joining }
  })
  await started.deleting
  expect(await Promise.all(started.joining)).toEqual(['group', 'group'])
  expect(await jobOf('too-late')).toBeUndefined()
  expect(await jobOf(member)).toMatchObject({ version: 2 })
})

test('a change of a job that stays in the group neither waits for its deletion nor blocks it', async () => {
  const { db } = app.store
  const group = await makeGroup(app, 'Unblocked')
  const id = await jobIn(group.id, 'unblocked')
  const deleting = await db.transaction().execute(async (trx) => {
    await sql`select from jobs where id = ${id} for update`.execute(trx)
    const call = app.groups.deleteJobGroup({ group: group.id })
    await waitFor(async () => (await waiting()) > 0, { what: 'the deletion waits for the job' })
    // With the group held by the deletion and the job by this change, a wait here would be a deadlock.
    await trx.updateTable('jobs').set({ group_id: group.id, name: 'New' }).where('id', '=', id).execute()
    return { call }
  })
  await deleting.call
  const head = db.selectFrom('jobs').select(['group_id', 'version', 'name']).where('id', '=', id)
  expect(await head.executeTakeFirst()).toEqual({ group_id: null, version: 2, name: 'New' })
})

test('changes of its jobs at the same moment are on the version before or the one after', async () => {
  const { db } = app.store
  const group = await makeGroup(app, 'Beside jobs')
  const ids: string[] = []
  for (let n = 0; n < 5; n++) ids.push(await jobIn(group.id, `beside-${n}`))
  // As a change of a job writes: the version that it was decided on is in its condition.
  const change = (id: string) =>
    db.transaction().execute(async (trx) => {
      const held = await sql<{ version: number }>`
        select version from jobs where id = ${id} and version = 1 for update
      `.execute(trx)
      if (held.rows.length === 0) return 0
      await sql`
        insert into job_versions (job_id, version, version_id, config, created_by)
        select job_id, 2, 'ver_aaaaaaaaaa', config || '{"description": "new"}', 'system:test'
        from job_versions where job_id = ${id} and version = 1
      `.execute(trx)
      await sql`update jobs set version = 2, changed = pg_current_xact_id() where id = ${id}`.execute(trx)
      return 1
    })
  const [, ...changed] = await Promise.all([
    app.groups.deleteJobGroup({ group: group.id }),
    ...ids.map(change),
  ])
  for (const [nth, id] of ids.entries()) {
    const job = await jobOf(id)
    const wasFirst = changed[nth] === 1
    expect(job).toMatchObject({ version: wasFirst ? 3 : 2 })
    expect(job?.config).toMatchObject({ groupId: undefined, description: wasFirst ? 'new' : '' })
  }
})

test('through the door: a job joins a group of its project, leaves it with its end, and joins no other', async () => {
  const group = await makeGroup(app, 'By door')
  const create = (slug: string, groupId: string) => app.jobs.createJob({ job: { ...aJob, slug, groupId } })
  const { job } = await create('by-door', group.id)
  expect(job).toMatchObject({ groupId: group.id, version: 1 })
  await app.groups.deleteJobGroup({ group: group.id })
  const now = (await app.jobs.getJob({ job: 'by-door' })).job
  expect(now?.groupId).toBeFalsy()
  expect(now).toMatchObject({ version: 2, createdAt: job?.createdAt })
  const { body: shown } = await app.rest('GET', '/v1/jobs/by-door')
  expect((await auditOf(app, now?.id ?? '')).at(-1)).toMatchObject({ action: 'job.updated', after: shown })
  const other = await anotherProject(app, 'by-door')
  const theirs = await app.client(JobGroupService, other.apiKey).createJobGroup({ jobGroup: { name: 'x' } })
  for (const groupId of [group.id, theirs.jobGroup!.id, newUuidv7()])
    expect(await refusalOf(create('refused', groupId))).toMatchObject({
      code: 'invalid_argument',
      reason: 'FIELD_INVALID',
      fields: ['job.group_id'],
    })
})

test('through the door: of creates beside the deletion each is taken out or refused', async () => {
  const { db } = app.store
  const group = await makeGroup(app, 'Raced')
  const create = (n: number) =>
    app.jobs.createJob({ job: { ...aJob, slug: `raced-${n}`, groupId: group.id } }).then(
      ({ job }) => job?.id,
      (error: unknown) => refusalOf(Promise.reject(error)),
    )
  const [first, , ...made] = await Promise.all([
    create(0),
    app.groups.deleteJobGroup({ group: group.id }),
    ...Array.from({ length: 12 }, (_, n) => create(n + 1)),
  ])
  for (const each of [first, ...made])
    if (typeof each === 'object')
      expect(each).toMatchObject({ reason: 'FIELD_INVALID', fields: ['job.group_id'] })
    else expect((await app.jobs.getJob({ job: each ?? '' })).job?.groupId).toBeFalsy()
  const left = db.selectFrom('jobs').select('id').where('group_id', '=', group.id)
  expect(await left.execute()).toEqual([])
})

test("a job is in a group of its own project, whatever its project's code does", async () => {
  const { db, database, masterKey } = app.store
  const other = await bootstrap({ databaseUrl: database.url, masterKey, projectSlug: 'other' })
  const group = await makeGroup(app, 'Mine')
  const stored = insertJob(db, other.projectId, { groupId: group.id as GroupId })
  expect(await stored.catch(goneBelonging)).toBe('group')
})
