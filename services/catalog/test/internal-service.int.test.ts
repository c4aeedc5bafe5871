import { JobService } from '@strait/contracts/catalog/v1/job_service_pb'
import { newUuidv7 } from '@strait/domain/ids'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bootstrap } from '../src/bootstrap.ts'
import { readMasterKey } from '../src/master-key.ts'
import type { CatalogDb } from '../src/store/database.ts'
import { findHeads } from '../src/store/heads/find-heads.ts'
import { findJobVersions } from '../src/store/jobs/find-job-versions.ts'
import { findWebhookSecrets } from '../src/store/jobs/webhook-secrets.ts'
import { verifyApiKeys } from '../src/store/keys/api-keys.ts'
import { type AppBundle, aJob, openApp, serviceToken } from './app-bundle.ts'
import { refusalOf } from './refusal.ts'

interface Neighbour {
  readonly projectId: string
  readonly apiKey: string
}

let app: AppBundle
let neighbour: Neighbour
beforeAll(async () => {
  app = await openApp()
  const { database, masterKey } = app.store
  neighbour = await bootstrap({ databaseUrl: database.url, masterKey, projectSlug: 'neighbour' })
})
afterAll(() => app[Symbol.asyncDispose]())

/** Creates a job, in the demo project unless another key is given, and answers it. */
async function createJob(over: object, apiKey = app.store.apiKey) {
  const { job } = await app.client(JobService, apiKey).createJob({ job: { ...aJob, ...over } })
  if (job === undefined) throw new Error('the answer has no job')
  return job
}

/** The same database, and how many statements have gone to it. */
function counting(db: CatalogDb) {
  let statements = 0
  const counted = db.withPlugin({
    transformQuery({ node }) {
      statements++
      return node
    },
    transformResult: async ({ result }) => result,
  })
  return { db: counted, statements: () => statements }
}

test('keys are verified in the order of the question, and one that is not valid says nothing of why', async () => {
  const { apiKey, projectId } = app.store
  const wrongSecret = `${apiKey.slice(0, -1)}${apiKey.endsWith('x') ? 'y' : 'x'}`
  const unknown = apiKey.replace(/^strait_.{12}/, 'strait_000000000000')
  const asked = ['', neighbour.apiKey, wrongSecret, apiKey, 'nonsense\0', unknown, apiKey]
  const { keys } = await app.internal.verifyKeys({ keys: asked })
  const own = { valid: true, keyId: apiKey.split('_')[1], projectId }
  const other = { valid: true, keyId: neighbour.apiKey.split('_')[1], projectId: neighbour.projectId }
  const none = { valid: false, keyId: '', projectId: '' }
  expect(keys).toMatchObject([none, other, none, own, none, none, own])
})

test('jobs are found by id and by slug, each once, and only in the project that is asked', async () => {
  const { projectId } = app.store
  const [one, two] = [await createJob({ slug: 'one' }), await createJob({ slug: 'two' })]
  const theirs = await createJob({ slug: 'one' }, neighbour.apiKey)
  const { heads } = await app.internal.getHeads({
    jobs: [
      { projectId, job: 'two' },
      { projectId, job: one.id },
      { projectId, job: theirs.id },
      { projectId: neighbour.projectId, job: 'one' },
      { projectId: neighbour.projectId, job: 'two' },
      { projectId: neighbour.projectId, job: two.id },
      { projectId, job: newUuidv7() },
      { projectId, job: 'Not a slug\0' },
      { projectId: 'no project', job: 'one' },
      { projectId, job: '' },
      { projectId, job: one.id.toUpperCase() },
      { projectId, job: 'two' },
    ],
  })
  const ids = heads.map((head) => head.kind.value?.id)
  expect(ids.toSorted()).toEqual([one.id, two.id, theirs.id].toSorted())
})

test('versions are given whole in the order of the question, and one that does not exist is empty', async () => {
  const first = await createJob({ slug: 'versioned', cron: '*/5 * * * *', maxAttempts: 7 })
  const theirs = await createJob({ slug: 'versioned' }, neighbour.apiKey)
  const { versions } = await app.internal.getJobVersions({
    refs: [
      { jobId: theirs.id, version: 1 },
      { jobId: first.id, version: 2 },
      { jobId: first.id, version: 1 },
      { jobId: first.id, version: 0 },
      { jobId: first.id, version: -1 },
      { jobId: newUuidv7(), version: 1 },
      { jobId: 'versioned', version: 1 },
    ],
  })
  const nobody = undefined
  expect(versions.map((each) => each.job)).toEqual([theirs, nobody, first, nobody, nobody, nobody, nobody])
})

test('secrets are given as they were set, in the order of the question, and none where there is none', async () => {
  const webhookUrl = 'https://example.com/told'
  const first = await createJob({ webhookUrl, webhookSecret: 'first secret' })
  const silent = await createJob({ webhookUrl })
  const second = await createJob({ webhookUrl, webhookSecret: 'größte 😀' }, neighbour.apiKey)
  const { secrets } = await app.internal.getWebhookSecrets({
    jobIds: [second.id, silent.id, first.id, newUuidv7(), 'no job', second.id],
  })
  expect(secrets.map((each) => each.secrets)).toEqual([
    ['größte 😀'],
    [],
    ['first secret'],
    [],
    [],
    ['größte 😀'],
  ])
})

test('an empty question gets an empty answer', async () => {
  expect((await app.internal.verifyKeys({ keys: [] })).keys).toEqual([])
  expect((await app.internal.getJobVersions({ refs: [] })).versions).toEqual([])
  expect((await app.internal.getWebhookSecrets({ jobIds: [] })).secrets).toEqual([])
})

test('1,000 entries are answered and 1,001 are refused, whatever the question', async () => {
  const { apiKey } = app.store
  const job = await createJob({ slug: 'asked-often', webhookSecret: 'often' })
  const often = <T>(entry: T, count: number) => Array.from({ length: count }, () => entry)
  const questions = [
    {
      field: 'keys',
      ask: async (n: number) => (await app.internal.verifyKeys({ keys: often(apiKey, n) })).keys,
    },
    {
      field: 'refs',
      ask: async (n: number) =>
        (await app.internal.getJobVersions({ refs: often({ jobId: job.id, version: 1 }, n) })).versions,
    },
    {
      field: 'job_ids',
      ask: async (n: number) => (await app.internal.getWebhookSecrets({ jobIds: often(job.id, n) })).secrets,
    },
  ]
  for (const { field, ask } of questions) {
    expect(await ask(1_000)).toHaveLength(1_000)
    expect(await refusalOf(ask(1_001))).toMatchObject({
      code: 'invalid_argument',
      reason: 'FIELD_INVALID',
      fields: [field],
      message: `${field}: must have at most 1000 items`,
    })
  }
})

test('a batch is one statement, however large it is', async () => {
  const { projectId, apiKey, masterKey } = app.store
  const ids: string[] = []
  for (let nth = 0; nth < 5; nth++) ids.push((await createJob({ webhookSecret: `secret ${nth}` })).id)
  const questions = [
    (db: CatalogDb) => verifyApiKeys(db, [apiKey, neighbour.apiKey, 'nonsense']),
    async (db: CatalogDb) => {
      const refs = [...ids, 'a-job', 'a-job-2'].map((job) => ({ projectId, job }))
      return (await findHeads(db, [], refs)).heads
    },
    (db: CatalogDb) =>
      findJobVersions(
        db,
        ids.map((jobId) => ({ jobId, version: 1 })),
      ),
    (db: CatalogDb) => findWebhookSecrets(db, readMasterKey(masterKey), ids),
  ]
  for (const ask of questions) {
    const { db, statements } = counting(app.store.db)
    const answers = await ask(db)
    expect(answers.filter((answer) => answer !== undefined).length).toBeGreaterThan(1)
    expect(statements()).toBe(1)
  }
})

test.each(['verifyKeys', 'getJobVersions', 'getWebhookSecrets', 'headsChanged', 'getHeads'] as const)(
  '%s opens to the service token and to no API key',
  async (method) => {
    const { CatalogInternalService } = await import(
      '@strait/contracts/catalog/v1/catalog_internal_service_pb'
    )
    expect(await app.client(CatalogInternalService, serviceToken)[method]({})).toBeDefined()
    for (const bearer of [undefined, app.store.apiKey, `${serviceToken}!`]) {
      const refusal = await refusalOf(app.client(CatalogInternalService, bearer)[method]({}))
      expect(refusal.code).toBe('unauthenticated')
    }
  },
)
