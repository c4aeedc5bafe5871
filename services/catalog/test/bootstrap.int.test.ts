import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { timestampDate } from '@bufbuild/protobuf/wkt'
import { ApiKeyService } from '@strait/contracts/catalog/v1/api_key_service_pb'
import { JobService } from '@strait/contracts/catalog/v1/job_service_pb'
import { freePort } from '@strait/testkit/free-port'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AppBundle, aJob, openApp } from './app-bundle.ts'
import { refusalOf } from './refusal.ts'

const main = fileURLToPath(new URL('../src/bootstrap-main.ts', import.meta.url))

let app: AppBundle
beforeAll(async () => {
  app = await openApp()
})
afterAll(() => app[Symbol.asyncDispose]())

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs the command as it is run by hand, on the database of this file; a variable that is empty is left out. */
function run(args: readonly string[], over: Record<string, string> = {}): Promise<Ended> {
  const { PATH = '', HOME = '' } = process.env
  const { database, masterKey } = app.store
  const all = { PATH, HOME, DATABASE_URL: database.url, CATALOG_MASTER_KEY: masterKey, ...over }
  const env = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''))
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], { env, timeout: 20_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr })
    })
  })
}

const shown =
  /^project ([0-9a-f-]{36})\nAPI key (strait_([0-9a-z]{12})_([0-9A-Za-z]{40}))\nscopes (.*)\nexpires (.*)\n$/

async function make(...args: readonly string[]) {
  const { code, stdout, stderr } = await run(args)
  const [, projectId, apiKey, keyId, secret, scopes, expires] = shown.exec(stdout) ?? []
  if (code !== 0 || !projectId || !apiKey || !keyId || !secret || !expires) throw new Error(stdout + stderr)
  return { projectId, apiKey, keyId, secret, scopes, expires }
}

test('it makes the project once and a new key each time, and every key works', async () => {
  const [first, second] = [await make('--project', 'shop'), await make('--project', 'shop')]
  expect(second.projectId).toBe(first.projectId)
  expect(second.apiKey).not.toBe(first.apiKey)
  const { job } = await app.client(JobService, first.apiKey).createJob({ job: { ...aJob, slug: 'of-shop' } })
  expect(job).toMatchObject({ projectId: first.projectId, createdBy: `apikey:${first.keyId}` })
  expect((await app.client(JobService, second.apiKey).getJob({ job: 'of-shop' })).job).toEqual(job)
})

test('run many times at once, it still makes one project', async () => {
  const made = await Promise.all(Array.from({ length: 4 }, () => make('--project', 'raced')))
  expect(new Set(made.map((each) => each.projectId)).size).toBe(1)
  expect(new Set(made.map((each) => each.apiKey)).size).toBe(4)
})

test('a project that it makes has the three environments, and one that was there keeps what it has', async () => {
  const { projectId } = await make('--project', 'with-environments')
  await make('--project', 'with-environments')
  const { db } = app.store
  const environments = db.selectFrom('environments').select('slug').where('project_id', '=', projectId)
  expect((await environments.orderBy('slug').execute()).map(({ slug }) => slug)).toEqual([
    'development',
    'production',
    'staging',
  ])
})

test('names are stored as they were given, and a project that is there keeps its own', async () => {
  const { projectId } = await make('--project', 'named', '--name', 'Größe 😀', '--key-name', 'laptop')
  await make('--project', 'named', '--name', 'Another')
  const { db } = app.store
  const project = db.selectFrom('projects').select(['slug', 'name']).where('id', '=', projectId)
  expect(await project.execute()).toEqual([{ slug: 'named', name: 'Größe 😀' }])
  const keys = db.selectFrom('api_keys').select('name').where('project_id', '=', projectId)
  expect((await keys.orderBy('created_at').execute()).map((key) => key.name)).toEqual(['laptop', 'bootstrap'])
})

test('a key may do everything for ever, unless it was said what and how long', async () => {
  const all = await make('--project', 'limited')
  expect(all).toMatchObject({ scopes: 'admin', expires: 'never' })
  const some = await make(
    '--project',
    'limited',
    '--scopes',
    'jobs:read, keys:manage',
    '--expires-in-days',
    '30',
  )
  expect(some.scopes).toBe('jobs:read keys:manage')
  const keys = app.client(ApiKeyService, some.apiKey)
  const { apiKey: key } = await keys.getApiKey({ key: some.keyId })
  expect(key).toMatchObject({ scopes: ['jobs:read', 'keys:manage'], createdBy: 'system:bootstrap' })
  const end = timestampDate(key!.expiresAt!)
  expect(end.toISOString()).toBe(some.expires)
  expect(end.getTime() - timestampDate(key!.createdAt!).getTime()).toBeCloseTo(30 * 86_400_000, -5)
  const jobs = app.client(JobService, some.apiKey)
  expect(await refusalOf(jobs.createJob({ job: aJob }))).toMatchObject({ reason: 'NOT_ALLOWED' })
  expect(await refusalOf(jobs.getJob({ job: 'none' }))).toMatchObject({ reason: 'JOB_NOT_FOUND' })
})

test('the key is stored as its hash and in no other way', async () => {
  const { keyId, secret } = await make('--project', 'hashed')
  const { rows } = await sql<{ row: string }>`
    select t::text as row from api_keys t union all select t::text from projects t
  `.execute(app.store.db)
  const everything = rows.map(({ row }) => row).join('\n')
  expect(everything).toContain(keyId)
  expect(everything).toContain(createHash('sha256').update(secret).digest('hex'))
  for (const text of [secret, Buffer.from(secret).toString('hex')]) expect(everything).not.toContain(text)
})

const usage = `Use: npm run bootstrap -- --project <slug> [--name <project name>] [--key-name <name>]
       [--scopes jobs:read,jobs:trigger] [--expires-in-days <days>]
   or: npm run bootstrap -- --deployment [--key-name <name>] [--expires-in-days <days>]
   or: npm run bootstrap -- --list-deployment-keys
   or: npm run bootstrap -- --revoke-deployment-key <id>`
const days = 'the number of days until the key expires must be a whole number of 1 to 36500'

test.each([
  ['no project', [], {}, `--project is missing\n${usage}`],
  ['an argument that does not exist', ['--projekt', 'a'], {}, /^Unknown option '--projekt'.*\nUse: npm run/],
  [
    'a bad slug',
    ['--project', 'No Slug'],
    {},
    'the slug of the project must be lowercase letters and digits, in parts separated by single hyphens or underscores',
  ],
  [
    'scopes that are none',
    ['--project', 'a', '--scopes', 'jobs:read,jobs:reed,jobs:read'],
    {},
    /^the list of scopes is wrong: "jobs:reed" is no scope; there are admin, .*; "jobs:read" is there already\n$/,
  ],
  ['no scope', ['--project', 'a', '--scopes', ''], {}, /^the list of scopes is wrong: "" is no scope/],
  [
    'the scope of the deployment',
    ['--project', 'a', '--scopes', 'jobs:read,deployment'],
    {},
    'the list of scopes is wrong: "deployment" is for keys of no project, which the bootstrap command makes',
  ],
  [
    'scopes for the deployment',
    ['--deployment', '--scopes', 'admin'],
    {},
    `--scopes does not go with --deployment\n${usage}`,
  ],
  [
    'a project for the deployment',
    ['--deployment', '--project', 'a'],
    {},
    `--deployment does not go with --project\n${usage}`,
  ],
  [
    'a key of the deployment that there is not',
    ['--revoke-deployment-key', 'abcdefghijkl'],
    {},
    'the deployment has no such key: give the id, the middle part of its text',
  ],
  ['too many days for the deployment', ['--deployment', '--expires-in-days', '36501'], {}, days],
  ['no days', ['--project', 'a', '--expires-in-days', '0'], {}, days],
  ['days that are no number', ['--project', 'a', '--expires-in-days', '1.5'], {}, days],
  ['too many days', ['--project', 'a', '--expires-in-days', '36501'], {}, days],
  [
    'no database',
    ['--project', 'a'],
    { DATABASE_URL: '' },
    'DATABASE_URL is required: Postgres, as a postgres:// URL',
  ],
  [
    'no master key',
    ['--project', 'a'],
    { CATALOG_MASTER_KEY: '' },
    'CATALOG_MASTER_KEY is required: 32 bytes in base64, the same that the catalog runs with',
  ],
  [
    'a master key that is none',
    ['--project', 'a'],
    { CATALOG_MASTER_KEY: 'hunter2' },
    'CATALOG_MASTER_KEY must be 32 bytes in base64; `openssl rand -base64 32` makes one',
  ],
  [
    'another master key',
    ['--project', 'a'],
    { CATALOG_MASTER_KEY: Buffer.alloc(32, 7).toString('base64') },
    'CATALOG_MASTER_KEY is not the key that the secrets in this database were encrypted with: set that one',
  ],
] as const)('%s: it says so, writes nothing and ends with 1', async (_, args, over, said) => {
  const before = await app.countRows()
  const { code, stdout, stderr } = await run(args, over)
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  if (typeof said === 'string') expect(stderr).toBe(`${said}\n`)
  else expect(stderr).toMatch(said)
  expect(stderr).not.toContain('hunter2')
  expect(await app.countRows()).toBe(before)
})

test('a database that cannot be reached is one line that says what to do', async () => {
  const url = `postgres://me:hunter2@127.0.0.1:${await freePort()}/strait`
  const { code, stdout, stderr } = await run(['--project', 'a'], { DATABASE_URL: url })
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toMatch(/^Postgres cannot be reached \(.*ECONNREFUSED.*\): start it or mend DATABASE_URL\n$/)
  expect(stderr).not.toContain('hunter2')
})
