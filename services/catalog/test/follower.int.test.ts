// A follower of the catalog, over real wires: what it knows, and how it comes to know it.

import { createHeadMemory } from '@strait/catalog-follower/head-memory'
import type { GroupId } from '@strait/domain/ids'
import { settled } from '@strait/testkit/settled'
import { waitFor } from '@strait/testkit/wait-for'
import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { aJob, openApp } from './app-bundle.ts'
import { aFollower, aNats, anAnnouncer, never } from './follower-bundle.ts'
import { insertGroup, setPaused } from './heads-bundle.ts'
import { startCatalog } from './spawned-catalog.ts'
import { insertJob, openStore } from './store-bundle.ts'

async function anApp(env: Record<string, string> = {}) {
  const app = await openApp(env)
  onTestFinished(() => app[Symbol.asyncDispose]())
  return { ...app, db: app.store.db, projectId: app.store.projectId }
}

const reasonOf = async (call: Promise<unknown>) =>
  call.then(
    () => 'answered',
    (error: { reason?: string }) => error.reason,
  )

test('what was created by one replica is known at a follower of another when the create has answered', async () => {
  const nats = await aNats()
  const first = await anApp({ NATS_URL: nats.url, CATALOG_ANNOUNCE_WAIT_MS: '5000' })
  const second = await openApp({ NATS_URL: nats.url }, first.store)
  onTestFinished(() => second[Symbol.asyncDispose]())
  const { follower } = await aFollower({ catalogUrl: second.baseUrl, natsPort: nats.port, pollMs: never })
  const warm = await anAnnouncer(nats.port)
  await warm.knows(1)
  // The project may be missing in the first reading, while a transaction is open somewhere; then asking for it brings it.
  const { job: before } = await first.jobs.createJob({ job: { ...aJob, slug: 'before' } })
  await waitFor(() => !follower.isHeld(before!.id), { what: 'the project to be known' })
  for (let n = 0; n < 20; n++) {
    const { job } = await first.jobs.createJob({ job: { ...aJob, slug: `job-${n}` } })
    expect(follower.head('job', job!.id)).toMatchObject({ slug: `job-${n}`, version: 1, enabled: true })
    expect(follower.isHeld(job!.id)).toBe(false)
  }
})

test('a pause of a job, its group or its project holds the job as soon as the write has answered, and its end frees it', async () => {
  const nats = await aNats()
  const app = await anApp({ NATS_URL: nats.url })
  const { db, projectId } = app
  const group = await insertGroup(db, projectId, 'group')
  const job = await insertJob(db, projectId, { slug: 'one', groupId: group as GroupId })
  await sql`update jobs set group_id = ${group} where id = ${job}`.execute(db)
  const replica = await anAnnouncer(nats.port, 5_000)
  const { follower } = await aFollower({ catalogUrl: app.baseUrl, natsPort: nats.port, pollMs: never })
  await replica.knows(1)
  await waitFor(() => !follower.isHeld(job), { what: 'the job, its group and its project to be known' })

  const pauses = [
    ['job', 'jobs', job],
    ['job_group', 'job_groups', group],
    ['project', 'projects', projectId],
  ] as const
  for (const [kind, table, id] of pauses) {
    for (const paused of [true, false]) {
      await setPaused(db, table, id, paused)
      await replica.announce(kind, [id])
      expect(follower.isHeld(job), `${kind} paused: ${paused}`).toBe(paused)
    }
  }
  await sql`update jobs set enabled = false, changed = pg_current_xact_id() where id = ${job}`.execute(db)
  await replica.announce('job', [job])
  expect(follower.isHeld(job)).toBe(true)
  expect(replica.waits).toEqual(replica.waits.map(() => false))
})

test('what is not known is held until it is, and asked for', async () => {
  const app = await anApp()
  const { follower, changes } = await aFollower({ catalogUrl: app.baseUrl, pollMs: never })
  await waitFor(follower.isCurrent, { what: 'the first reading' })
  const job = await insertJob(app.db, app.projectId, { slug: 'new' })
  expect(follower.isHeld(job)).toBe(true)
  await waitFor(() => !follower.isHeld(job), { what: 'the job to be known' })
  expect(changes.filter((change) => change.now.id === job)).toMatchObject([
    { kind: 'job', before: undefined },
  ])
})

test('a job that was just created is found by id and by slug, and one that is not there is asked for each time', async () => {
  const app = await anApp()
  const { follower } = await aFollower({ catalogUrl: app.baseUrl, pollMs: never })
  await waitFor(follower.isCurrent, { what: 'the first reading' })
  const { resolve } = follower.jobs
  expect(await resolve(app.projectId, 'new')).toBeUndefined()
  const id = await insertJob(app.db, app.projectId, { slug: 'new' })
  expect(await resolve(app.projectId, 'new')).toMatchObject({ id, slug: 'new' })
  const other = await insertJob(app.db, app.projectId, { slug: 'other' })
  expect(await resolve(app.projectId, other.toUpperCase())).toMatchObject({ id: other })
  const stranger = '01890000-0000-7000-8000-000000000000'
  expect(await resolve(stranger, 'new')).toBeUndefined()
  expect(await resolve(stranger, id)).toBeUndefined()
  for (const name of ['', '__proto__', 'constructor', 'NEW', `${app.projectId} new`])
    expect(await resolve(app.projectId, name), name).toBeUndefined()
})

test('minVersion asks again when what is known is older, once for all who ask together', async () => {
  const app = await anApp()
  const id = await insertJob(app.db, app.projectId, { slug: 'one' })
  await settled(app.store.database.url)
  const { follower } = await aFollower({ catalogUrl: app.baseUrl, pollMs: never })
  await waitFor(() => follower.head('job', id), { what: 'the job' })
  await sql`
    with version as (
      insert into job_versions (job_id, version, version_id, config, created_by)
      select job_id, 2, 'ver_0000000002', config, created_by from job_versions where job_id = ${id} returning version
    )
    update jobs set version = version.version, changed = pg_current_xact_id() from version where id = ${id}
  `.execute(app.db)
  const { resolve } = follower.jobs
  expect(await resolve(app.projectId, 'one')).toMatchObject({ version: 1 })
  const asked = await Promise.all(
    Array.from({ length: 100 }, () => resolve(app.projectId, 'one', { minVersion: 2 })),
  )
  expect(new Set(asked.map((head) => head?.version))).toEqual(new Set([2]))
  // One that is not reached is answered as it is: whether that is enough is the caller's to say.
  expect(await resolve(app.projectId, 'one', { minVersion: 9 })).toMatchObject({ version: 2 })
  expect(await follower.version(id, 2)).toMatchObject({ id, version: 2 })
  expect(follower.knownVersion(id, 2)).toMatchObject({ versionId: 'ver_0000000002' })
  expect(follower.knownVersion(id, 1)).toBeUndefined()
  expect(await follower.version(id, 3)).toBeUndefined()
})

test('news that gets lost costs a poll: the change is there within two seconds', async () => {
  const nats = await aNats()
  const app = await anApp({ NATS_URL: nats.url })
  const { follower, toNats } = await aFollower({ catalogUrl: app.baseUrl, natsPort: nats.port })
  await waitFor(follower.isCurrent, { what: 'the first reading' })
  toNats.refuse()
  const { job } = await app.jobs.createJob({ job: { ...aJob, slug: 'missed' } })
  await settled(app.store.database.url)
  const found = await waitFor(() => follower.head('job', job!.id), { what: 'the poll', timeoutMs: 2_000 })
  expect(found.slug).toBe('missed')
})

test('when NATS is back, what was missed is asked for at once', async () => {
  const nats = await aNats()
  const app = await anApp({ NATS_URL: nats.url })
  const { follower, toNats } = await aFollower({
    catalogUrl: app.baseUrl,
    natsPort: nats.port,
    pollMs: never,
  })
  await waitFor(follower.isCurrent, { what: 'the first reading' })
  toNats.refuse()
  const { job } = await app.jobs.createJob({ job: { ...aJob, slug: 'missed' } })
  await settled(app.store.database.url)
  expect(follower.head('job', job!.id)).toBeUndefined()
  toNats.heal()
  await waitFor(() => follower.head('job', job!.id), { what: 'the job' })
})

test('with the catalog down what is known goes on, what is not is UNAVAILABLE, and all comes back by itself', async () => {
  const app = await anApp()
  const id = await insertJob(app.db, app.projectId, { slug: 'known' })
  await settled(app.store.database.url)
  const { follower, toCatalog } = await aFollower({ catalogUrl: app.baseUrl, pollMs: 100 })
  await waitFor(() => follower.head('job', id), { what: 'the job' })
  await follower.version(id, 1)
  toCatalog.refuse()
  const { resolve } = follower.jobs
  expect(await resolve(app.projectId, 'known')).toMatchObject({ id })
  expect(await follower.version(id, 1)).toMatchObject({ id })
  expect(follower.isHeld(id)).toBe(false)
  expect(await reasonOf(resolve(app.projectId, 'unknown'))).toBe('UNAVAILABLE')
  expect(await reasonOf(resolve(app.projectId, 'known', { minVersion: 2 }))).toBe('UNAVAILABLE')
  expect(await reasonOf(follower.version(id, 2))).toBe('UNAVAILABLE')
  await setPaused(app.db, 'jobs', id, true)
  await settled(app.store.database.url)
  toCatalog.heal()
  await waitFor(() => follower.isHeld(id), { what: 'the pause' })
  expect(await resolve(app.projectId, 'unknown')).toBeUndefined()
})

test('a follower that starts while the catalog is down is not current, and reads everything when it comes up', async () => {
  const app = await anApp()
  const id = await insertJob(app.db, app.projectId, { slug: 'known' })
  await settled(app.store.database.url)
  const { follower, toCatalog } = await aFollower({ catalogUrl: app.baseUrl, pollMs: 100, cutOff: true })
  expect(await reasonOf(follower.jobs.resolve(app.projectId, 'known'))).toBe('UNAVAILABLE')
  expect([follower.isCurrent(), follower.isHeld(id)]).toEqual([false, true])
  toCatalog.heal()
  await waitFor(follower.isCurrent, { what: 'the first reading' })
  expect(follower.head('job', id)).toMatchObject({ slug: 'known' })
  expect(follower.isHeld(id)).toBe(false)
})

test('a deletion that was begun and never finished is over after its minute, though nothing changed', async () => {
  const app = await anApp()
  const id = await insertJob(app.db, app.projectId, { slug: 'one' })
  await sql`update jobs set closing_at = now(), changed = pg_current_xact_id() where id = ${id}`.execute(
    app.db,
  )
  await settled(app.store.database.url)
  const { follower } = await aFollower({ catalogUrl: app.baseUrl, pollMs: 50 })
  await waitFor(() => follower.head('job', id)?.closing, { what: 'the deletion' })
  // What the time does, without the wait.
  await sql`update jobs set closing_at = closing_at - interval '1 minute' where id = ${id}`.execute(app.db)
  await waitFor(() => follower.head('job', id)?.closing === false, { what: 'the end of it' })
  expect(await follower.jobs.resolve(app.projectId, 'one')).toMatchObject({ id, closing: false })
})

test('a page that was read before a change and comes after the news of it does not undo it', async () => {
  const { db, projectId, internal, store } = await anApp()
  const id = await insertJob(db, projectId, { slug: 'one' })
  await settled(store.database.url)
  const early = await internal.headsChanged({})
  await setPaused(db, 'jobs', id, true)
  const late = await internal.getHeads({ ids: [id] })
  const memory = createHeadMemory()
  expect(memory.learn(late.heads, late.asOf)).toMatchObject([{ now: { paused: true }, before: undefined }])
  expect(memory.learn(early.heads, early.asOf).map((change) => change.kind)).not.toContain('job')
  expect(memory.get('job', id)).toMatchObject({ paused: true })
  await settled(store.database.url)
  const after = await internal.headsChanged({ since: early.next })
  expect(memory.learn(after.heads, after.asOf)).toEqual([])
})

test('a thousand who miss fifty jobs at once ask the catalog a few times', async () => {
  const store = await openStore()
  onTestFinished(() => store[Symbol.asyncDispose]())
  const { catalog, baseUrl } = await startCatalog(store)
  const { follower } = await aFollower({ catalogUrl: baseUrl, pollMs: never })
  await waitFor(follower.isCurrent, { what: 'the first reading' })
  for (let n = 0; n < 50; n++) await insertJob(store.db, store.projectId, { slug: `job-${n}` })
  const found = await Promise.all(
    Array.from({ length: 1_000 }, (_, n) => follower.jobs.resolve(store.projectId, `job-${n % 50}`)),
  )
  expect(found.map((head) => head?.slug)).toEqual(Array.from({ length: 1_000 }, (_, n) => `job-${n % 50}`))
  const metrics = await (await fetch(`${catalog.opsUrl}/metrics`)).text()
  const asked = /strait_catalog_question_batch_count\{question="get_heads"[^}]*\} (\d+)/.exec(metrics)?.[1]
  expect(Number(asked)).toBeGreaterThanOrEqual(1)
  expect(Number(asked)).toBeLessThanOrEqual(3)
})
