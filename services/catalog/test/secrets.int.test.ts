import { randomBytes } from 'node:crypto'
import { settled } from '@strait/testkit/settled'
import { expect, test } from 'vitest'
import { bootstrap } from '../src/bootstrap.ts'
import { aJob } from './app-bundle.ts'
import { aStore, dump, startCatalog } from './spawned-catalog.ts'

const canary = 'whsec_Y2FuYXJ5LWNhbmFyeS1jYW5hcnktY2FuYXJ5LTE='
// As it stands, as Postgres shows bytes, and as JSON carries them.
const disguises = [canary, Buffer.from(canary).toString('hex'), Buffer.from(canary).toString('base64')]

function expectNoCanaryIn(text: string): void {
  for (const disguise of disguises) expect(text).not.toContain(disguise)
}

test('a webhook secret is in no table, no line of the log and no answer but the one that gives it', async () => {
  const store = await aStore()
  const { catalog, ask } = await startCatalog(store)
  const job = { ...aJob, slug: 'canary', webhookUrl: 'https://example.com/told', webhookSecret: canary }
  const created = await ask('JobService/CreateJob', { job })
  const { id } = JSON.parse(created.text).job
  await settled(store.database.url)
  const answers = [
    created,
    await ask('JobService/CreateJob', { job: { ...job, slug: 'checked' }, validateOnly: true }),
    await ask('JobService/GetJob', { job: id }),
    await ask('JobService/GetJob', { job: 'canary' }),
    await ask('CatalogInternalService/GetJobVersions', { refs: [{ jobId: id, version: 1 }] }),
  ]
  for (const answer of answers) {
    expect(answer).toMatchObject({ status: 200, text: expect.stringContaining('"webhookSecretSet":true') })
    expectNoCanaryIn(answer.text)
  }
  const given = await ask('CatalogInternalService/GetWebhookSecrets', { jobIds: [id] })
  expect(JSON.parse(given.text)).toEqual({ secrets: [{ secrets: [canary] }] })

  const everything = await dump(store)
  expect(everything).toContain(id)
  expect(everything).toMatch(/^job_secrets /m)
  expectNoCanaryIn(everything)
  expect(await catalog.stop()).toBe(0)
  expect(catalog.output()).toContain(id)
  expectNoCanaryIn(catalog.output())
})

test('a create that is refused repeats its secret neither to the caller nor to the log', async () => {
  const store = await aStore()
  const { catalog, ask } = await startCatalog(store)
  const job = { ...aJob, slug: 'canary', webhookSecret: canary }
  await ask('JobService/CreateJob', { job })
  const refused = [
    await ask('JobService/CreateJob', { job }),
    await ask('JobService/CreateJob', { job: { ...job, slug: 'other', endpointUrl: 'nowhere' } }),
    await ask('JobService/CreateJob', { job: { ...job, slug: 'other', webhookSecret: canary.repeat(10) } }),
    await ask('JobService/CreateJob', { job: { ...job, slug: 'other', webhookSecret: `${canary}\0` } }),
    await ask('JobService/CreateJob', { job: { ...job, webhookSecret: [canary] } }),
    await ask('JobService/CreateJob', { job: { ...job, noSuchField: canary } }),
    await ask('JobService/CreateJob', `{"job":{"webhookSecret":"${canary}" "name"`),
  ]
  for (const { status, text } of refused) {
    expect(status).toBeGreaterThanOrEqual(400)
    expect(status).toBeLessThan(500)
    expectNoCanaryIn(text)
  }
  expect(await catalog.stop()).toBe(0)
  expectNoCanaryIn(catalog.output())
})

test('the same secret is never stored the same way twice', async () => {
  const store = await aStore()
  const { ask } = await startCatalog(store)
  for (let nth = 0; nth < 3; nth++) {
    await ask('JobService/CreateJob', { job: { ...aJob, webhookSecret: canary } })
  }
  const rows = await store.db.selectFrom('job_secrets').select('webhook_secret').execute()
  expect(new Set(rows.map((row) => row.webhook_secret.toString('hex'))).size).toBe(3)
})

test('the wrong master key ends the start with one sentence that says what to do', async () => {
  const store = await aStore()
  const wrong = randomBytes(32).toString('base64')
  const message = await startCatalog(store, { CATALOG_MASTER_KEY: wrong }).then(
    () => 'the catalog started',
    (error: Error) => error.message,
  )
  const [ending, ...said] = message.trim().split('\n')
  expect(ending).toContain('{"code":1,"signal":null}')
  const problem =
    'CATALOG_MASTER_KEY is not the key that the secrets in this database were encrypted with: set that one'
  expect(said.filter((line) => line.includes('CATALOG_MASTER_KEY'))).toEqual([
    expect.stringContaining(problem),
  ])
  expect(message).not.toContain('    at ')
  for (const key of [wrong, store.masterKey]) expect(message).not.toContain(key)
})

test('the wrong master key makes no project and no key either', async () => {
  const store = await aStore()
  const before = await dump(store)
  const wrong = randomBytes(32).toString('base64')
  const made = bootstrap({ databaseUrl: store.database.url, masterKey: wrong, projectSlug: 'other' })
  await expect(made).rejects.toThrow(/^CATALOG_MASTER_KEY is not the key that the secrets in this database/)
  expect(await dump(store)).toBe(before)
})
