// Keys of the deployment: who makes them, what they open, how they end.

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { JobService } from '@strait/contracts/catalog/v1/job_service_pb'
import { ProjectService } from '@strait/contracts/catalog/v1/project_service_pb'
import { waitFor } from '@strait/testkit/wait-for'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listDeploymentKeys, revokeDeploymentKey } from '../src/bootstrap-deployment.ts'
import { type AppBundle, aJob, openApp } from './app-bundle.ts'
import { anOperator } from './project-bundle.ts'
import { refusalOf } from './refusal.ts'

const main = fileURLToPath(new URL('../src/bootstrap-main.ts', import.meta.url))

let app: AppBundle
beforeAll(async () => {
  app = await openApp()
})
afterAll(() => app[Symbol.asyncDispose]())

/** Runs the command as it is run by hand; answers what it says. */
async function run(...args: readonly string[]): Promise<string> {
  const { database, masterKey } = app.store
  const env = { ...process.env, DATABASE_URL: database.url, CATALOG_MASTER_KEY: masterKey }
  const { stdout } = await promisify(execFile)(process.execPath, [main, ...args], { env, timeout: 20_000 })
  return stdout
}

test('the command makes one without a project, lists it, and ends it', async () => {
  const before = await app.countRows()
  const shown = await run('--deployment', '--key-name', 'operations', '--expires-in-days', '30')
  const [, token = '', id = '', end] =
    /^API key (strait_([0-9a-z]{12})_[0-9A-Za-z]{40})\nscopes deployment\nexpires (.*)\n$/.exec(shown) ?? []
  expect(await app.countRows()).toBe(before + 1)
  const projects = app.client(ProjectService, token)
  expect((await projects.listProjects({})).projects).toMatchObject([{ slug: 'demo' }])
  expect((await projects.getProject({ project: 'demo' })).project?.id).toBe(app.store.projectId)

  const listed = `${id} created \\S+ expires ${end} "operations"`
  expect(await run('--list-deployment-keys')).toMatch(new RegExp(`^${listed}$`, 'm'))
  expect(await run('--revoke-deployment-key', id)).toBe(`revoked ${id}\n`)
  const { database, masterKey } = app.store
  const options = { databaseUrl: database.url, masterKey }
  const [ended] = await listDeploymentKeys(options)
  expect(ended).toMatchObject({ id, name: 'operations', revokedAt: expect.any(Date) })
  await revokeDeploymentKey({ ...options, id })
  expect(await listDeploymentKeys(options)).toEqual([ended])
  await waitFor(
    async () =>
      (await projects.listProjects({}).then(
        () => 'open',
        (error) => error.rawMessage,
      )) !== 'open',
    { what: 'the key to open nothing', timeoutMs: 10_000 },
  )
  expect(await refusalOf(projects.listProjects({}))).toMatchObject({ reason: 'KEY_INVALID' })
})

test('it opens no method of a project', async () => {
  const { token } = await anOperator(app)
  const refused = { code: 'permission_denied', reason: 'NOT_ALLOWED' }
  const before = await app.countRows()
  const created = app.client(JobService, token).createJob({ job: aJob })
  expect(await refusalOf(created)).toMatchObject({ ...refused, metadata: { scope: 'jobs:write' } })
  const methods = [
    'JobService/GetJob',
    'JobGroupService/ListJobGroups',
    'ApiKeyService/CreateApiKey',
    'ApiKeyService/ListApiKeys',
    'ApiKeyService/RotateApiKey',
  ]
  for (const method of methods)
    expect(await app.post(method, {}, { authorization: `Bearer ${token}` })).toMatchObject({ status: 403 })
  expect(await app.countRows()).toBe(before)
})

test('nobody makes, sees, changes or ends one by a key of a project, admin included', async () => {
  const { id } = await anOperator(app)
  const before = await app.countRows()
  for (const scopes of [['deployment'], ['jobs:read', 'deployment'], ['admin', 'deployment']])
    expect(await refusalOf(app.keys.createApiKey({ apiKey: { name: 'x', scopes } }))).toMatchObject({
      reason: 'FIELD_INVALID',
      fields: [`api_key.scopes[${scopes.length - 1}]`],
    })
  const calls = [
    app.keys.getApiKey({ key: id }),
    app.keys.rotateApiKey({ key: id }),
    app.keys.revokeApiKey({ key: id }),
    app.keys.updateApiKey({ key: id, apiKey: { name: 'x' }, updateMask: { paths: ['name'] } }),
  ]
  for (const refused of await Promise.all(calls.map(refusalOf)))
    expect(refused).toMatchObject({ reason: 'API_KEY_NOT_FOUND' })
  const { apiKeys } = await app.keys.listApiKeys({ pageSize: 250 })
  expect(apiKeys.map((key) => key.id)).not.toContain(id)
  expect(await app.countRows()).toBe(before)
})

test('other services are told that it has no project', async () => {
  const { token, id } = await anOperator(app)
  const { keys } = await app.internal.verifyKeys({ keys: [token, app.store.apiKey] })
  expect(keys[0]).toMatchObject({ valid: true, keyId: id, projectId: '', scopes: ['deployment'] })
  expect(keys[1]).toMatchObject({ valid: true, projectId: app.store.projectId, scopes: ['admin'] })
})
