// Environments through their door: making, reading, listing, deleting.

import { EnvironmentService } from '@strait/contracts/catalog/v1/environment_service_pb'
import { newUuidv7 } from '@strait/domain/ids'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bootstrap } from '../src/bootstrap.ts'
import { auditOf } from './audit-of.ts'
import { type EnvironmentBundle, openEnvironments } from './environment-bundle.ts'
import { refusalOf } from './refusal.ts'
import { insertJob } from './store-bundle.ts'

let app: EnvironmentBundle
beforeAll(async () => {
  app = await openEnvironments()
})
afterAll(() => app[Symbol.asyncDispose]())

async function aProject(projectSlug: string) {
  const { database, masterKey } = app.store
  const { apiKey, projectId } = await bootstrap({ databaseUrl: database.url, masterKey, projectSlug })
  return { projectId, environments: app.client(EnvironmentService, apiKey) }
}

test('every project has three environments from the beginning', async () => {
  const { environments, projectId } = await aProject('fresh')
  const list = await environments.listEnvironments({})
  expect(list.environments.map(({ slug, name }) => `${slug} ${name}`).toSorted()).toEqual([
    'development Development',
    'production Production',
    'staging Staging',
  ])
  for (const each of list.environments)
    expect(each).toMatchObject({ projectId, createdBy: 'system:bootstrap', revision: 1, etag: 'rev_1' })
})

test('an environment has what was given, its values by name alone, and is found by id and slug', async () => {
  const parent = await app.make({ name: 'Whole parent' })
  const made = await app.make({
    name: 'Größe 😀',
    description: 'text',
    parentId: parent.id.toUpperCase(),
    variables: { B: 'two', A: 'one' },
    jobOverrides: {
      'job-b': { variables: { Z: '1', Y: '2' } },
      'job-a': { variables: { X: '3' } },
      none: {},
    },
    id: newUuidv7(),
    etag: 'rev_9',
    createdBy: 'me',
  })
  expect(made).toMatchObject({
    projectId: app.store.projectId,
    slug: 'grosse',
    description: 'text',
    parentId: parent.id,
    variables: {},
    jobOverrides: {},
    variableNames: ['A', 'B'],
    revision: 1,
    etag: 'rev_1',
  })
  expect(Object.entries(made.jobOverrideNames).map(([slug, { names }]) => [slug, names])).toEqual([
    ['job-a', ['X']],
    ['job-b', ['Y', 'Z']],
  ])
  expect(made.createdBy).toMatch(/^apikey:/)
  for (const environment of [made.id, made.id.toUpperCase(), made.slug])
    expect((await app.environments.getEnvironment({ environment })).environment).toEqual(made)
  expect(await app.values(made.id)).toMatchObject({
    variables: { A: 'one', B: 'two' },
    jobOverrides: { 'job-a': { X: '3' }, 'job-b': { Y: '2', Z: '1' } },
  })
})

test('a slug that was asked for is given or refused, one made from the name is numbered', async () => {
  expect(await app.make({ name: 'Slugged', slug: 'mine' })).toMatchObject({ slug: 'mine' })
  const taken = app.environments.createEnvironment({ environment: { name: 'Slugged', slug: 'mine' } })
  expect(await refusalOf(taken)).toMatchObject({
    code: 'already_exists',
    reason: 'SLUG_TAKEN',
    fields: ['environment.slug'],
  })
  const many = await Promise.all(Array.from({ length: 6 }, () => app.make({ name: 'Many' })))
  expect(many.map(({ slug }) => slug).toSorted()).toEqual([
    'many',
    'many-2',
    'many-3',
    'many-4',
    'many-5',
    'many-6',
  ])
  const race = await Promise.allSettled(
    Array.from({ length: 6 }, () => app.make({ name: 'x', slug: 'raced' })),
  )
  expect(race.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  expect(await app.make({ name: '🙂' })).toMatchObject({ slug: 'environment' })
})

test('everything that is wrong is said at once, under the names of the schema', async () => {
  const before = await app.rows()
  const create = app.environments.createEnvironment({
    environment: {
      projectId: app.theirProject,
      name: ' ',
      slug: 'No Slug',
      description: 'x\0',
      parentId: 'production',
      variables: { '1A': 'x', ENDPOINT_URL: 'ftp://x', TIMEOUT_SECS: '0', ENDPOINT_BASE_URL: 'https://x/y' },
      jobOverrides: { 'No Job': {}, job: { variables: { MAX_ATTEMPTS: '1.5', OK: 'a\0' } } },
    },
  })
  expect(await refusalOf(create)).toMatchObject({
    code: 'invalid_argument',
    reason: 'FIELD_INVALID',
    fields: [
      'environment.project_id',
      'environment.name',
      'environment.slug',
      'environment.description',
      'environment.parent_id',
      'environment.variables',
      'environment.variables[ENDPOINT_URL]',
      'environment.variables[TIMEOUT_SECS]',
      'environment.variables[ENDPOINT_BASE_URL]',
      'environment.job_overrides',
      'environment.job_overrides[job].variables[MAX_ATTEMPTS]',
      'environment.job_overrides[job].variables[OK]',
    ],
  })
  expect(await refusalOf(app.environments.createEnvironment({}))).toMatchObject({ fields: ['environment'] })
  expect(await refusalOf(app.environments.updateEnvironment({ environment: 'production' }))).toMatchObject({
    fields: ['patch', 'update_mask'],
  })
  const patched = app.update('production', { name: '', slug: 'X' }, ['name', 'slug', 'no_such_field'])
  expect(await refusalOf(patched)).toMatchObject({ fields: ['update_mask', 'patch.name', 'patch.slug'] })
  expect(await refusalOf(app.update('production', { name: 'x' }, ['name'], ''))).toMatchObject({
    fields: ['etag'],
  })
  expect(await app.rows()).toBe(before)
})

test('names like those of built-in things are names like any other, by every door', async () => {
  const variables = JSON.parse('{"__proto__":"p","constructor":"c","toString":"t"}')
  const jobOverrides = { constructor: { variables } }
  const made = await app.make({ name: 'Proto', variables, jobOverrides })
  const names = ['__proto__', 'constructor', 'toString']
  expect(made.variableNames).toEqual(names)
  expect(made.jobOverrideNames.constructor).toMatchObject({ names })
  const values = await app.values(made.id)
  expect(Object.entries(values.variables).toSorted()).toEqual(Object.entries(variables).toSorted())
  expect(Object.keys(values.jobOverrides)).toEqual(['constructor'])
  const body = `{"environment":{"name":"By JSON","variables":${JSON.stringify(variables)}}}`
  const { status, body: answer } = await app.post('EnvironmentService/CreateEnvironment', body)
  expect({ status, answer }).toMatchObject({ status: 200, answer: { environment: { variableNames: names } } })
  const proto = `{"environment":{"name":"Bad","jobOverrides":{"__proto__":{"variables":{"A":"x"}}}}}`
  expect(await app.post('EnvironmentService/CreateEnvironment', proto)).toMatchObject({ status: 400 })
  expect(({} as { readonly A?: string }).A).toBeUndefined()
})

test('pages go from the newest to the oldest, and a token is good for its own list', async () => {
  const { environments } = await aProject('paged')
  const made: string[] = []
  for (let i = 0; i < 4; i++) {
    const { environment } = await environments.createEnvironment({ environment: { name: `E ${i}` } })
    made.unshift(environment!.id)
  }
  const seen: string[] = []
  let pageToken = ''
  do {
    const page = await environments.listEnvironments({ pageSize: 3, pageToken })
    seen.push(...page.environments.map(({ id }) => id))
    pageToken = page.nextPageToken
  } while (pageToken !== '')
  expect(seen.slice(0, 4)).toEqual(made)
  expect(new Set(seen).size).toBe(7)
  const { nextPageToken } = await environments.listEnvironments({ pageSize: 1 })
  expect(await refusalOf(app.environments.listEnvironments({ pageToken: nextPageToken }))).toMatchObject({
    fields: ['page_token'],
  })
  const keyToken = (await app.keys.listApiKeys({ pageSize: 1 })).nextPageToken || 'x'
  for (const token of [keyToken, 'nonsense', `${nextPageToken}A`])
    expect(await refusalOf(environments.listEnvironments({ pageToken: token }))).toMatchObject({
      fields: ['page_token'],
    })
  for (const pageSize of [-1, 251])
    expect(await refusalOf(environments.listEnvironments({ pageSize }))).toMatchObject({
      fields: ['page_size'],
    })
})

test('a page whose names would be too many ends early, and nothing is left out', async () => {
  const { environments, projectId } = await aProject('large')
  await sql`
    update environments set variable_names = jsonb_build_object(
      'variables', jsonb_build_array(repeat('N', 5 * 1024 * 1024)), 'job_overrides', '{}'::jsonb
    ) where project_id = ${projectId}
  `.execute(app.store.db)
  const sizes: number[] = []
  let pageToken = ''
  do {
    const page = await environments.listEnvironments({ pageToken })
    sizes.push(page.environments.length)
    pageToken = page.nextPageToken
  } while (pageToken !== '')
  expect(sizes).toEqual([1, 1, 1])
})

test('an environment that nobody uses is deleted, its values with it, and its slug is free again', async () => {
  const made = await app.make({ name: 'Gone', variables: { A: 'secret' } })
  const { environment } = await app.environments.deleteEnvironment({ environment: 'gone', etag: made.etag })
  expect(environment).toEqual(made)
  const gone = { code: 'not_found', reason: 'ENVIRONMENT_NOT_FOUND', fields: ['environment'] }
  for (const ref of ['gone', made.id]) {
    expect(await refusalOf(app.environments.getEnvironment({ environment: ref }))).toMatchObject(gone)
    expect(await refusalOf(app.environments.deleteEnvironment({ environment: ref }))).toMatchObject(gone)
  }
  expect((await app.internal.getEnvironmentValues({ ids: [made.id] })).environments).toMatchObject([
    { found: false, revision: '', variables: {} },
  ])
  const row = app.store.db.selectFrom('environments').selectAll().where('id', '=', made.id)
  expect(await row.executeTakeFirst()).toMatchObject({
    sealed_variables: null,
    deleted_at: expect.any(Date),
    revision: 2,
  })
  expect(await app.make({ name: 'Gone' })).toMatchObject({ slug: 'gone' })
  expect(
    (await app.environments.listEnvironments({ pageSize: 250 })).environments.map(({ id }) => id),
  ).not.toContain(made.id)
})

test('every change is one entry of the audit log, with what was before and after, its variables by name', async () => {
  const shown = async () => (await app.rest('GET', '/v1/environments/audited')).body
  const made = await app.make({ name: 'Audited', variables: { A: 'a value' } })
  const first = await shown()
  await app.update(made.id, { description: 'new' })
  const second = await shown()
  await app.environments.setEnvironmentVariables({ environment: made.id, set: { A: 'x' } })
  const third = await shown()
  // What changes nothing is in no entry.
  await app.update(made.id, { description: 'new' })
  await app.environments.deleteEnvironment({ environment: made.id })
  const entries = await auditOf(app, made.id)
  const { createdBy: actor, projectId } = made
  const of = (change: string, before: object | null, after: object | null) => ({
    ...{ action: `environment.${change}`, actor, project_id: projectId, resource_type: 'environment' },
    ...{ before, after },
  })
  expect(entries).toEqual([
    of('created', null, { ...first, changed_variables: ['A'] }),
    of('updated', first, second),
    of('updated', second, { ...third, changed_variables: ['A'] }),
    of('deleted', third, null),
  ])
  expect(JSON.stringify(entries)).not.toContain('a value')
})

test('an environment in use stays, and the refusal counts who uses it', async () => {
  const made = await app.make({ name: 'Used' })
  const child = await app.make({ name: 'Child', parentId: made.id })
  const { db, projectId } = app.store
  const [one, two] = [
    await insertJob(db, projectId, { slug: 'uses-1' }),
    await insertJob(db, projectId, { slug: 'uses-2' }),
  ]
  const use = (ids: readonly string[]) =>
    db.updateTable('jobs').set({ environment_id: made.id }).where('id', 'in', ids).execute()
  await use([one, two])
  const remove = (validateOnly = false) =>
    app.environments.deleteEnvironment({ environment: made.id, validateOnly })
  const inUse = { code: 'failed_precondition', reason: 'ENVIRONMENT_IN_USE' }
  for (const validateOnly of [true, false])
    expect(await refusalOf(remove(validateOnly))).toMatchObject({
      ...inUse,
      metadata: { jobs: '2', environments: '1' },
    })
  await db.updateTable('jobs').set({ deleted_at: new Date() }).where('id', '=', one).execute()
  await app.environments.deleteEnvironment({ environment: child.id })
  expect(await refusalOf(remove())).toMatchObject({ ...inUse, metadata: { jobs: '1', environments: '0' } })
  await db.updateTable('jobs').set({ environment_id: null }).where('id', '=', two).execute()
  expect((await remove()).environment?.id).toBe(made.id)
})

test('another project finds nothing of it, by id or slug, and is not told that it is there', async () => {
  const made = await app.make({ name: 'Walled', variables: { A: 'x' } })
  const { theirs } = app
  const nobody = newUuidv7()
  for (const call of [
    (environment: string) => theirs.getEnvironment({ environment }),
    (environment: string) => theirs.updateEnvironment({ environment, patch: {}, updateMask: { paths: [] } }),
    (environment: string) => theirs.setEnvironmentVariables({ environment, set: { A: 'y' } }),
    (environment: string) => theirs.listEnvironmentVariables({ environment }),
    (environment: string) => theirs.deleteEnvironment({ environment }),
  ]) {
    const unknown = await refusalOf(call(nobody))
    expect(unknown).toMatchObject({ code: 'not_found', reason: 'ENVIRONMENT_NOT_FOUND' })
    const { metadata, ...same } = unknown
    expect(metadata).toEqual({ environment: nobody })
    for (const ref of [made.id, 'walled']) expect(await refusalOf(call(ref))).toMatchObject(same)
  }
  const asParent = (parentId: string) => theirs.createEnvironment({ environment: { name: 'x', parentId } })
  const unknown = await refusalOf(asParent(nobody))
  expect(unknown).toMatchObject({ code: 'invalid_argument', fields: ['environment.parent_id'] })
  expect(await refusalOf(asParent(made.id))).toEqual(unknown)
  expect(await refusalOf(theirs.getEnvironment({}))).toMatchObject({ fields: ['environment'] })
})
