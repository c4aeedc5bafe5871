// The master key is changed while a catalog serves.

import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { EnvironmentService } from '@strait/contracts/catalog/v1/environment_service_pb'
import { newUuidv7 } from '@strait/domain/ids'
import { waitFor } from '@strait/testkit/wait-for'
import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { bootstrap } from '../src/bootstrap.ts'
import { readMasterKey } from '../src/master-key.ts'
import { rewrap } from '../src/rewrap.ts'
import { isSealedWith, newDataKey } from '../src/store/secrets/secret-box.ts'
import { type AppBundle, aJob, openApp } from './app-bundle.ts'
import { aStore, dump } from './spawned-catalog.ts'
import type { StoreBundle } from './store-bundle.ts'

const main = fileURLToPath(new URL('../src/rewrap-main.ts', import.meta.url))
const aKey = () => randomBytes(32).toString('base64')

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Starts the command as it is started by hand; an empty variable is left out. */
function start(store: StoreBundle, over: Record<string, string>) {
  const { PATH = '', HOME = '' } = process.env
  const all = { PATH, HOME, DATABASE_URL: store.database.url, CATALOG_MASTER_KEY: store.masterKey, ...over }
  const env = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''))
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (text) => {
    stdout += text
  })
  child.stderr.on('data', (text) => {
    stderr += text
  })
  const ended = new Promise<Ended>((resolve) =>
    child.once('close', (code) => resolve({ code, stdout, stderr })),
  )
  return { child, ended }
}

const run = (store: StoreBundle, over: Record<string, string>) => start(store, over).ended

/** More projects, so that there is more than one batch. */
async function addProjects({ db, masterKey }: StoreBundle, count: number): Promise<void> {
  const ids = Array.from({ length: count }, () => newUuidv7())
  await sql`
    insert into projects (id, slug, name, data_key, created_by, updated_by)
    select id, 'p-' || n, 'x', data_key, 'system:test', 'system:test'
    from unnest(${ids}::uuid[], ${ids.map((id) => newDataKey(readMasterKey(masterKey), id))}::bytea[])
      with ordinality as t (id, data_key, n)
  `.execute(db)
}

async function countSealedWith({ db }: StoreBundle, key: string): Promise<number> {
  const rows = await db.selectFrom('projects').select(['id', 'data_key']).execute()
  const bytes = Buffer.from(key, 'base64')
  return rows.filter((row) => isSealedWith(bytes, row.id, row.data_key)).length
}

/** A catalog that serves with these keys. */
async function serve(store: StoreBundle, keys: Record<string, string>): Promise<AppBundle> {
  const app = await openApp(keys, store)
  onTestFinished(() => app[Symbol.asyncDispose]())
  return app
}

test('a run that is killed in the middle is finished by the next one, and secrets are read throughout', async () => {
  const store = await aStore()
  const next = aKey()
  await addProjects(store, 249)
  // As it is told while the key is rotated: the new one first, and the old one too.
  const app = await serve(store, { CATALOG_MASTER_KEY: next, CATALOG_PREVIOUS_MASTER_KEY: store.masterKey })
  const { job } = await app.jobs.createJob({ job: { ...aJob, webhookSecret: 'whsec_read_throughout' } })
  const environments = app.client(EnvironmentService, store.apiKey)
  const set = { environment: 'staging', set: { TOKEN: 'read throughout' } }
  const { environment } = await environments.setEnvironmentVariables(set)
  const expectReadable = async ({ internal }: AppBundle = app) => {
    const secrets = await internal.getWebhookSecrets({ jobIds: [job?.id ?? ''] })
    expect(secrets.secrets[0]?.secrets).toEqual(['whsec_read_throughout'])
    const values = await internal.getEnvironmentValues({ ids: [environment?.id ?? ''] })
    expect(values.environments[0]?.variables).toEqual({ TOKEN: 'read throughout' })
  }
  await expectReadable()

  const last = await store.db.selectFrom('projects').select('id').orderBy('id', 'desc').executeTakeFirst()
  const killed = await store.db.transaction().execute(async (trx) => {
    await sql`set local idle_in_transaction_session_timeout = 0`.execute(trx)
    // Whoever holds the last project keeps the command in its last batch.
    await sql`select from projects where id = ${last?.id} for update`.execute(trx)
    const { child, ended } = start(store, { CATALOG_NEW_MASTER_KEY: next })
    await waitFor(async () => (await countSealedWith(store, next)) === 200, {
      what: 'two batches',
      timeoutMs: 20_000,
    })
    await expectReadable()
    child.kill('SIGKILL')
    return { ended }
  })
  expect((await killed.ended).code).toBeNull()
  await expectReadable()
  expect(await countSealedWith(store, next)).toBe(200)
  expect(await countSealedWith(store, store.masterKey)).toBe(50)
  const options = { databaseUrl: store.database.url, masterKey: store.masterKey, newMasterKey: next }
  expect(await rewrap(options)).toEqual({ sealed: 50, alreadySealed: 200 })
  await expectReadable()
  expect(await countSealedWith(store, next)).toBe(250)
  expect(await rewrap(options)).toEqual({ sealed: 0, alreadySealed: 250 })

  // From here on the new key alone does, and the old one alone does not.
  await expectReadable(await serve(store, { CATALOG_MASTER_KEY: next }))
  await expect(openApp({}, store)).rejects.toThrow(/^CATALOG_MASTER_KEY is not the key that the secrets/)
})

test('a project that neither key opens is named, and nothing is written', async () => {
  const store = await aStore()
  await addProjects(store, 120)
  const { db } = store
  const stranger = newUuidv7()
  const dataKey = newDataKey(readMasterKey(aKey()), stranger)
  const by = { created_by: 'system:test', updated_by: 'system:test' }
  const row = { ...by, id: stranger, slug: 'stranger', name: 'x', data_key: dataKey }
  await db.insertInto('projects').values(row).execute()
  const before = await dump(store)
  const next = aKey()
  const ended = await run(store, { CATALOG_NEW_MASTER_KEY: next })
  expect(ended).toMatchObject({ code: 1, stdout: '' })
  expect(ended.stderr).toBe(
    `neither CATALOG_MASTER_KEY nor CATALOG_NEW_MASTER_KEY opens the secrets of project ${stranger}: nothing was changed\n`,
  )
  for (const key of [store.masterKey, next]) expect(ended.stderr).not.toContain(key)
  expect(await dump(store)).toBe(before)
})

test('keys come from files too, and a project that is made meanwhile keeps its secrets', async () => {
  const store = await aStore()
  const folder = mkdtempSync(join(tmpdir(), 'rewrap-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const next = aKey()
  const [oldFile, newFile] = [join(folder, 'old'), join(folder, 'new')]
  writeFileSync(oldFile, `${store.masterKey}\n`)
  writeFileSync(newFile, next)
  // Made by a catalog that has the new key already.
  const { database } = store
  const rotating = { masterKey: next, previousMasterKey: store.masterKey }
  await bootstrap({ ...rotating, databaseUrl: database.url, projectSlug: 'meanwhile' })
  const files = {
    CATALOG_MASTER_KEY: '',
    CATALOG_MASTER_KEY_FILE: oldFile,
    CATALOG_NEW_MASTER_KEY_FILE: newFile,
  }
  expect(await run(store, files)).toMatchObject({
    code: 0,
    stdout: 'projects sealed with the new key 1\nprojects that were before 1\n',
  })
  await serve(store, { CATALOG_MASTER_KEY: '', CATALOG_MASTER_KEY_FILE: newFile })
})

test.each([
  [{ CATALOG_NEW_MASTER_KEY: '' }, /^CATALOG_NEW_MASTER_KEY is required: the key to take its place/],
  [{ CATALOG_NEW_MASTER_KEY: 'hunter2' }, /^CATALOG_NEW_MASTER_KEY must be 32 bytes in base64/],
  [{ CATALOG_MASTER_KEY: 'hunter2' }, /^CATALOG_MASTER_KEY must be 32 bytes in base64/],
  [
    { CATALOG_NEW_MASTER_KEY_FILE: '/key' },
    /^CATALOG_NEW_MASTER_KEY and CATALOG_NEW_MASTER_KEY_FILE are both given/,
  ],
  [
    { CATALOG_MASTER_KEY: '', CATALOG_MASTER_KEY_FILE: '/none' },
    /^CATALOG_MASTER_KEY_FILE: \/none cannot be read/,
  ],
  [{ DATABASE_URL: '' }, /^DATABASE_URL is required/],
  [{ DATABASE_URL: 'nowhere' }, /^DATABASE_URL must be a URL/],
])('with %j it says what is wrong and ends with 1', async (over, said) => {
  const store = { database: { url: 'postgres://me@127.0.0.1:1/none' }, masterKey: aKey() } as StoreBundle
  const ended = await run(store, { CATALOG_NEW_MASTER_KEY: aKey(), ...over })
  expect(ended).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(said) })
  expect(ended.stderr).not.toContain('hunter2')
})
