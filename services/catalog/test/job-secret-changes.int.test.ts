// The webhook secret: replaced, kept on for its grace, cleared; never in an answer, a version, the audit log.

import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AppBundle, openApp } from './app-bundle.ts'
import { historyOf, makeJob, patchJob } from './job-bundle.ts'
import { refusalOf } from './refusal.ts'

let app: AppBundle
beforeAll(async () => {
  app = await openApp()
})
afterAll(() => app[Symbol.asyncDispose]())

async function secretsOf(id: string): Promise<readonly string[]> {
  return (await app.internal.getWebhookSecrets({ jobIds: [id] })).secrets[0]!.secrets
}

/** Lets the grace of the secret before pass. */
async function passGrace(id: string): Promise<void> {
  await sql`update job_secrets set previous_expires_at = now() where job_id = ${id}`.execute(app.store.db)
}

async function graceLeft(id: string): Promise<number | undefined> {
  const { rows } = await sql<{ secs: number | null }>`
    select round(extract(epoch from previous_expires_at - now()))::int4 as secs from job_secrets where job_id = ${id}
  `.execute(app.store.db)
  return rows[0]?.secs ?? undefined
}

test('a new secret acts at once, and the one before signs too for a day, or as long as is said', async () => {
  const job = await makeJob(app, { webhookSecret: 'one' })
  expect(job).toMatchObject({ webhookSecretSet: true, webhookSecretRevision: 1 })
  const changed = await patchJob(app, job.id, { webhookSecret: 'two' })
  expect(changed).toMatchObject({ webhookSecretSet: true, webhookSecretRevision: 2, version: 2 })
  expect(await secretsOf(job.id)).toEqual(['two', 'one'])
  expect(await graceLeft(job.id)).toBeGreaterThan(86_400 - 60)
  expect(await graceLeft(job.id)).toBeLessThanOrEqual(86_400)

  await patchJob(app, job.id, { webhookSecret: 'three' }, { webhookSecretGraceSecs: 600 })
  expect(await secretsOf(job.id)).toEqual(['three', 'two'])
  expect(await graceLeft(job.id)).toBeLessThanOrEqual(600)
  await passGrace(job.id)
  expect(await secretsOf(job.id)).toEqual(['three'])
})

test('without a grace the secret before ends now, and nothing of it is kept', async () => {
  const job = await makeJob(app, { webhookSecret: 'one' })
  await patchJob(app, job.id, { webhookSecret: 'two' })
  await patchJob(app, job.id, { webhookSecret: 'three' }, { webhookSecretGraceSecs: 0 })
  expect(await secretsOf(job.id)).toEqual(['three'])
  const row = await app.store.db
    .selectFrom('job_secrets')
    .selectAll()
    .where('job_id', '=', job.id)
    .executeTakeFirstOrThrow()
  expect(row).toMatchObject({ previous_webhook_secret: null, previous_expires_at: null })
})

test('a secret that is cleared ends at once, with the one before it', async () => {
  const job = await makeJob(app, { webhookSecret: 'one' })
  await patchJob(app, job.id, { webhookSecret: 'two' })
  const cleared = await patchJob(app, job.id, {}, { paths: ['webhook_secret'] })
  expect(cleared).toMatchObject({ webhookSecretSet: false, webhookSecretRevision: 3, version: 3 })
  expect(await secretsOf(job.id)).toEqual([])
  // There is none to clear any more.
  expect(await patchJob(app, job.id, {}, { paths: ['webhook_secret'] })).toEqual(cleared)
  expect(await patchJob(app, job.id, { webhookSecret: 'four' })).toMatchObject({
    webhookSecretRevision: 4,
    version: 4,
  })
  expect(await secretsOf(job.id)).toEqual(['four'])
})

test('the same secret again is no change, and another change leaves secret and grace alone', async () => {
  const job = await makeJob(app, { webhookSecret: 'one' })
  const changed = await patchJob(app, job.id, { webhookSecret: 'two' })
  expect(await patchJob(app, job.id, { webhookSecret: 'two' }, { webhookSecretGraceSecs: 0 })).toEqual(
    changed,
  )
  await patchJob(app, job.id, { maxAttempts: 4 })
  expect(await secretsOf(job.id)).toEqual(['two', 'one'])
})

test('a change that is refused or only checked leaves the secret alone', async () => {
  const job = await makeJob(app, { webhookSecret: 'one' })
  const patch = { webhookSecret: 'two', maxAttempts: 0 }
  expect(await refusalOf(patchJob(app, job.id, patch))).toMatchObject({ fields: ['patch.max_attempts'] })
  await patchJob(app, job.id, { webhookSecret: 'two' }, { validateOnly: true })
  expect(
    await refusalOf(patchJob(app, job.id, { webhookSecret: 'two' }, { etag: 'ver_0000000000' })),
  ).toMatchObject({ reason: 'ETAG_MISMATCH' })
  for (const secs of [-1, 2_592_001])
    expect(
      await refusalOf(patchJob(app, job.id, { webhookSecret: 'two' }, { webhookSecretGraceSecs: secs })),
    ).toMatchObject({
      fields: ['webhook_secret_grace_secs'],
    })
  expect(await secretsOf(job.id)).toEqual(['one'])
})

test('of changes of the secret at once none is lost: the last two sign', async () => {
  const job = await makeJob(app, { webhookSecret: 'start' })
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, i) => patchJob(app, job.id, { webhookSecret: `secret-${i}` })),
  )
  const order = [...answers.entries()]
    .sort(([, a], [, b]) => b.version - a.version)
    .map(([i]) => `secret-${i}`)
  expect(answers.map((each) => each.webhookSecretRevision).sort((a, b) => a - b)).toEqual([
    2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
  ])
  expect(await secretsOf(job.id)).toEqual(order.slice(0, 2))
})

test('a copy has none, and a rollback keeps the present one', async () => {
  const job = await makeJob(app, { webhookSecret: 'one' })
  const { job: copy } = await app.jobs.cloneJob({ job: job.id })
  expect(copy).toMatchObject({ webhookSecretSet: false, webhookSecretRevision: 0 })
  expect(await secretsOf(copy!.id)).toEqual([])
  await patchJob(app, job.id, { webhookSecret: 'two', maxAttempts: 4 }, { webhookSecretGraceSecs: 0 })
  const { job: back } = await app.jobs.rollbackJob({ job: job.id, version: '1' })
  expect(back).toMatchObject({ maxAttempts: 3, webhookSecretSet: true, webhookSecretRevision: 2, version: 3 })
  expect(await secretsOf(job.id)).toEqual(['two'])
})

test('no secret is in any answer, nor anywhere in the database in the clear', async () => {
  const job = await makeJob(app, { webhookSecret: 'canary-one' })
  const path = `/v1/jobs/${job.id}`
  const answers = [
    await app.rest('PATCH', `${path}?webhook_secret_grace_secs=60`, { webhook_secret: 'canary-two' }),
    await app.rest('PATCH', `${path}?validate_only=true`, { webhook_secret: 'canary-three' }),
    await app.rest('PATCH', path, { webhook_secret: 'canary-'.repeat(40), max_attempts: 0 }),
    await app.rest('GET', path),
    await app.rest('GET', `${path}/versions`),
    await app.rest('GET', `${path}/versions/2`),
    await app.rest('GET', `${path}/diff`),
    await app.rest('GET', '/v1/jobs'),
    await app.rest('POST', `${path}/clone`, {}),
    await app.rest('POST', '/v1/jobs/batch-create', {
      jobs: [{ name: 'x', endpoint_url: 'https://example.com', webhook_secret: 'canary-four' }],
    }),
    await app.rest('POST', `${path}/rollback`, { version: '1' }),
  ]
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 400, 200, 200, 200, 200, 200, 201, 200, 200])
  expect(JSON.stringify(answers)).not.toContain('canary')
  expect(answers[6]?.body).toMatchObject({
    changes: [{ field: 'webhook_secret_revision', before: 1, after: 2 }],
  })
  expect(
    JSON.stringify(await historyOf(app, job.id), (_, value) =>
      typeof value === 'bigint' ? String(value) : value,
    ),
  ).not.toContain('canary')
  for (const table of ['jobs', 'job_versions', 'job_secrets', 'audit_events'] as const) {
    const { rows } = await sql<{
      text: string
    }>`select t::text as text from ${sql.table(table)} as t`.execute(app.store.db)
    expect(rows.length).toBeGreaterThan(0)
    expect(JSON.stringify(rows)).not.toContain('canary')
    expect(JSON.stringify(rows)).not.toContain(Buffer.from('canary').toString('hex'))
  }
})
