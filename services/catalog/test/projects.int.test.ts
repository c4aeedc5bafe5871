// Projects, as keys of the deployment and keys of projects meet them.

import type { Client } from '@connectrpc/connect'
import { ApiKeyService } from '@strait/contracts/catalog/v1/api_key_service_pb'
import { JobService } from '@strait/contracts/catalog/v1/job_service_pb'
import { ProjectService } from '@strait/contracts/catalog/v1/project_service_pb'
import { newUuidv7 } from '@strait/domain/ids'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AppBundle, aJob, openApp } from './app-bundle.ts'
import { auditOf } from './audit-of.ts'
import { rowOf } from './group-bundle.ts'
import { makeKey } from './key-bundle.ts'
import { anOperator, makeProject } from './project-bundle.ts'
import { refusalOf } from './refusal.ts'

let app: AppBundle
let operator: Awaited<ReturnType<typeof anOperator>>
let projects: Client<typeof ProjectService>
beforeAll(async () => {
  app = await openApp({ STRAIT_EGRESS_ALLOW: '10.0.0.0/8' })
  operator = await anOperator(app)
  projects = operator.projects
})
afterAll(() => app[Symbol.asyncDispose]())

const patchOf = (
  project: string,
  patch: { name?: string; slug?: string; egressAllow?: string[] },
  { by = projects, etag }: { by?: Client<typeof ProjectService>; etag?: string } = {},
) => {
  const paths = Object.keys(patch).map((name) => (name === 'egressAllow' ? 'egress_allow' : name))
  return by.updateProject({ project, patch, updateMask: { paths }, etag })
}

test('a project is made with its environments and a first key that works, at once', async () => {
  const { project, token, key } = await makeProject(projects, { name: 'Web Shop' })
  const createdBy = `apikey:${operator.id}`
  expect(project).toMatchObject({ name: 'Web Shop', slug: 'web-shop', etag: 'rev_1', createdBy })
  expect(key).toMatchObject({ projectId: project.id, scopes: ['admin'], createdBy })
  const { db } = app.store
  const environments = db
    .selectFrom('environments')
    .select(['slug', 'name', 'created_by'])
    .where('project_id', '=', project.id)
  expect(await environments.orderBy('slug').execute()).toEqual([
    { slug: 'development', name: 'Development', created_by: createdBy },
    { slug: 'production', name: 'Production', created_by: createdBy },
    { slug: 'staging', name: 'Staging', created_by: createdBy },
  ])
  const jobs = app.client(JobService, token)
  const { job } = await jobs.createJob({
    job: { ...aJob, webhookUrl: 'https://example.com', webhookSecret: 's' },
  })
  expect(job).toMatchObject({ projectId: project.id, webhookSecretSet: true })
  const own = app.client(ProjectService, token)
  for (const named of [project.id, 'web-shop'])
    for (const by of [own, projects])
      expect((await by.getProject({ project: named })).project).toEqual(project)
  const { body: after } = await app.rest('GET', '/v1/projects/web-shop', undefined, {
    authorization: `Bearer ${token}`,
  })
  expect(after).toMatchObject({ name: 'Web Shop', etag: 'rev_1', egress_allow: [], paused_at: null })
  expect(await auditOf(app, project.id)).toMatchObject([
    { action: 'project.created', actor: createdBy, resource_type: 'project', before: null, after },
  ])
  expect(await auditOf(app, key!.id)).toEqual([
    expect.objectContaining({
      action: 'api_key.created',
      after: expect.objectContaining({ name: 'first key', scopes: ['admin'], expires_at: null }),
    }),
  ])
})

test('without with_api_key there is none', async () => {
  const { project, apiKey, token } = await projects.createProject({ project: { name: 'Keyless' } })
  expect({ apiKey, token }).toEqual({ apiKey: undefined, token: '' })
  const keys = app.store.db.selectFrom('api_keys').select('id').where('project_id', '=', project!.id)
  expect(await keys.execute()).toEqual([])
})

test('of many creates of one slug at once one is made, with nothing left of the others', async () => {
  const before = await app.countRows()
  const create = (name: string, slug?: string) =>
    projects.createProject({ project: { name, ...(slug && { slug }) }, withApiKey: true })
  const raced = await Promise.allSettled(Array.from({ length: 8 }, () => create('Raced', 'raced')))
  expect(raced.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  // The project, its environments, its key, and an entry for each of project and key.
  expect(await app.countRows()).toBe(before + 1 + 3 + 1 + 2)
  expect(await refusalOf(create('x', 'raced'))).toMatchObject({
    code: 'already_exists',
    reason: 'SLUG_TAKEN',
    fields: ['project.slug'],
  })
  const numbered = await Promise.all(Array.from({ length: 4 }, () => create('Twin')))
  expect(new Set(numbered.map(({ project }) => project?.slug))).toEqual(
    new Set(['twin', 'twin-2', 'twin-3', 'twin-4']),
  )
})

test('what is wrong is named, and validate_only answers what would be: neither stores anything', async () => {
  const before = await app.countRows()
  const wrong = { name: '', slug: newUuidv7(), egressAllow: ['10.0.0.0/8', '10.1/16', '192.168.0.0/16'] }
  const refused = await refusalOf(projects.createProject({ project: wrong }))
  expect(refused).toMatchObject({
    reason: 'FIELD_INVALID',
    fields: ['project.name', 'project.slug', 'project.egress_allow[1]', 'project.egress_allow[2]'],
  })
  // Development allows loopback.
  expect(refused.message).toContain('10.0.0.0/8, 127.0.0.0/8, ::1/128')
  expect(await refusalOf(projects.createProject({}))).toMatchObject({ fields: ['project'] })
  const only = await projects.createProject({
    project: { name: 'Demo', egressAllow: ['10.1.2.3'] },
    validateOnly: true,
    withApiKey: true,
  })
  expect(only.project).toMatchObject({ id: '', etag: '', slug: 'demo-2', egressAllow: ['10.1.2.3/32'] })
  expect(only).toMatchObject({ token: '' })
  expect(only.apiKey).toBeUndefined()
  const taken = projects.createProject({ project: { name: 'x', slug: 'demo' }, validateOnly: true })
  expect(await refusalOf(taken)).toMatchObject({ reason: 'SLUG_TAKEN' })
  expect(await app.countRows()).toBe(before)
})

test('a change has what the mask names; one of no value, a wrong etag and a taken slug write nothing', async () => {
  const { project } = await makeProject(projects, { name: 'Changing' })
  const named = (await patchOf('changing', { name: 'New', egressAllow: ['10.1.0.0/16:8443'] })).project
  expect(named).toMatchObject({
    name: 'New',
    slug: 'changing',
    egressAllow: ['10.1.0.0/16:8443'],
    etag: 'rev_2',
    createdBy: project.createdBy,
  })
  const row = await rowOf(app, 'projects', project.id)
  expect((await patchOf(project.id, { name: 'New', egressAllow: ['10.1.0.0/16:8443'] })).project).toEqual(
    named,
  )
  const whole = ['id', 'name', 'slug', 'egress_allow', 'paused_at', 'etag', 'created_by']
  const same = { project: project.id, patch: named!, updateMask: { paths: whole } }
  expect((await projects.updateProject(same)).project).toEqual(named)
  const only = { ...same, patch: { name: 'Never' }, updateMask: { paths: ['name'] }, validateOnly: true }
  expect((await projects.updateProject(only)).project).toEqual({ ...named, name: 'Never' })
  expect(await refusalOf(patchOf(project.id, { slug: 'demo' }))).toMatchObject({
    reason: 'SLUG_TAKEN',
    fields: ['patch.slug'],
  })
  expect(await refusalOf(patchOf(project.id, { slug: 'demo' }, { etag: 'rev_1' }))).toMatchObject({
    reason: 'ETAG_MISMATCH',
  })
  expect(await refusalOf(patchOf(project.id, { egressAllow: ['192.168.0.0/16'] }))).toMatchObject({
    reason: 'FIELD_INVALID',
    fields: ['patch.egress_allow[0]'],
  })
  expect(await rowOf(app, 'projects', project.id)).toBe(row)
  const cleared = { ...same, patch: {}, updateMask: { paths: ['slug', 'egress_allow'] } }
  expect((await projects.updateProject(cleared)).project).toMatchObject({ slug: 'new', egressAllow: [] })
})

test('changes and pauses side by side are all made', async () => {
  const { project } = await makeProject(projects, { name: 'Busy' })
  await Promise.all([
    ...Array.from({ length: 5 }, (_, nth) => patchOf(project.id, { name: `Busy ${nth}` })),
    patchOf(project.id, { egressAllow: ['10.1.0.0/16'] }),
    projects.pauseProject({ project: project.id }),
    projects.pauseProject({ project: project.id }),
  ])
  const busy = (await projects.getProject({ project: project.id })).project
  expect(busy).toMatchObject({ etag: 'rev_8', egressAllow: ['10.1.0.0/16'], pausedAt: expect.anything() })
  const actions = (await auditOf(app, project.id)).map(({ action }) => action)
  expect(actions.filter((action) => action === 'project.paused')).toHaveLength(1)
  expect(actions.filter((action) => action === 'project.updated')).toHaveLength(6)
  const row = await rowOf(app, 'projects', project.id)
  expect((await projects.pauseProject({ project: 'busy' })).project).toEqual(busy)
  expect(await rowOf(app, 'projects', project.id)).toBe(row)
  const resumed = (await projects.resumeProject({ project: 'busy' })).project
  expect(resumed?.pausedAt).toBeUndefined()
  expect((await projects.resumeProject({ project: 'busy' })).project).toEqual(resumed)
})

test('a key of a project sees and changes that project and no other, whatever its scope', async () => {
  const mine = await makeProject(projects, { name: 'Mine' })
  const theirs = await makeProject(projects, { name: 'Theirs' })
  const { token } = await makeKey(app, { scopes: ['projects:manage'] }, app.client(ApiKeyService, mine.token))
  const before = await rowOf(app, 'projects', theirs.project.id)
  for (const own of [app.client(ProjectService, token), app.client(ProjectService, mine.token)]) {
    expect((await patchOf('mine', { name: 'Mine' }, { by: own })).project).toEqual(mine.project)
    const nobody = await refusalOf(own.getProject({ project: newUuidv7() }))
    expect(nobody).toMatchObject({ code: 'not_found', reason: 'PROJECT_NOT_FOUND' })
    for (const project of [theirs.project.id, 'theirs', 'no-such-project', 'No Slug']) {
      const calls = [
        own.getProject({ project }),
        patchOf(project, { name: 'x' }, { by: own }),
        own.pauseProject({ project }),
        own.resumeProject({ project }),
      ]
      expect(await Promise.all(calls.map(refusalOf))).toEqual(calls.map(() => nobody))
    }
    const calls = [own.createProject({ project: { name: 'x' } }), own.listProjects({})]
    for (const refused of await Promise.all(calls.map(refusalOf)))
      expect(refused).toMatchObject({ reason: 'NOT_ALLOWED', metadata: { scope: 'deployment' } })
  }
  expect(await rowOf(app, 'projects', theirs.project.id)).toBe(before)
  expect(await refusalOf(projects.getProject({ project: '' }))).toMatchObject({ fields: ['project'] })
})

test('pages hold each project once, newest first, and a token is of its list alone', async () => {
  const made: string[] = []
  for (const name of ['p1', 'p2', 'p3']) made.push((await makeProject(projects, { name })).project.id)
  const seen: string[] = []
  let pageToken = ''
  do {
    const page = await projects.listProjects({ pageSize: 2, pageToken })
    seen.push(...page.projects.map(({ id }) => id))
    pageToken = page.nextPageToken
  } while (pageToken !== '')
  expect(seen.slice(0, 3)).toEqual(made.toReversed())
  expect(new Set(seen).size).toBe(seen.length)
  expect(seen).toContain(app.store.projectId)
  await app.groups.createJobGroup({ jobGroup: { name: 'a' } })
  await app.groups.createJobGroup({ jobGroup: { name: 'b' } })
  const { nextPageToken } = await app.groups.listJobGroups({ pageSize: 1 })
  expect(nextPageToken).not.toBe('')
  for (const token of [nextPageToken, 'nonsense'])
    for (const pageSize of [-1, 251])
      expect(await refusalOf(projects.listProjects({ pageToken: token, pageSize }))).toMatchObject({
        fields: ['page_token', 'page_size'],
      })
  expect((await projects.listProjects({ pageSize: 250 })).projects.map(({ id }) => id)).toEqual(seen)
})

test('a job calls what both the deployment and its project allow, from the next save on', async () => {
  const { project, token } = await makeProject(projects, { name: 'Narrow' })
  const jobs = app.client(JobService, token)
  const save = (endpointUrl: string) =>
    jobs.createJob({ job: { name: 'A job', endpointUrl }, validateOnly: true })
  await save('http://10.2.0.1/')
  await save('http://localhost:3000/')
  await patchOf(project.id, { egressAllow: ['10.1.0.0/16:8443'] })
  await save('https://10.1.2.3:8443/')
  await save('https://example.com/')
  for (const url of ['http://10.2.0.1/', 'https://10.1.2.3/', 'http://localhost:3000/', 'http://192.168.0.1'])
    expect(await refusalOf(save(url))).toMatchObject({
      reason: 'FIELD_INVALID',
      fields: ['job.endpoint_url'],
    })
  // Another project's list is its own.
  await app.jobs.createJob({ job: { name: 'A job', endpointUrl: 'http://10.2.0.1/' }, validateOnly: true })
})

test('REST has a path for each, with the etag as a header', async () => {
  const by = { authorization: `Bearer ${operator.token}` }
  const keyed = await app.rest('POST', '/v1/projects?with_api_key=true', { name: 'With key' }, by)
  expect(keyed).toMatchObject({
    status: 201,
    body: { slug: 'with-key', api_key: { scopes: ['admin'] }, token: expect.stringMatching(/^strait_/) },
  })
  const own = { authorization: `Bearer ${keyed.body.token}` }
  expect(await app.rest('GET', '/v1/projects/with-key', undefined, own)).toMatchObject({ status: 200 })
  const made = await app.rest('POST', '/v1/projects', { name: 'Of REST', egress_allow: ['10.1.2.3'] }, by)
  expect(made).toMatchObject({
    status: 201,
    body: { slug: 'of-rest', etag: 'rev_1', egress_allow: ['10.1.2.3/32'] },
  })
  expect(made.headers.get('location')).toBe(`/v1/projects/${made.body.id}`)
  expect((await app.rest('GET', '/v1/projects/of-rest', undefined, by)).headers.get('etag')).toBe('"rev_1"')
  const change = { name: 'Renamed', egress_allow: null }
  const patch = (tag: string) => app.rest('PATCH', '/v1/projects/of-rest', change, { ...by, 'if-match': tag })
  expect(await patch('"rev_1"')).toMatchObject({ status: 200, body: { name: 'Renamed', etag: 'rev_2' } })
  expect(await patch('"rev_1"')).toMatchObject({ status: 412, body: { reason: 'ETAG_MISMATCH' } })
  expect((await app.rest('POST', '/v1/projects/of-rest/pause', {}, by)).body).toHaveProperty('paused_at')
  expect(await app.rest('POST', '/v1/projects/of-rest/resume', {}, by)).toMatchObject({ status: 200 })
  const list = await app.rest('GET', '/v1/projects?page_size=1', undefined, by)
  expect(list.body).toMatchObject({ projects: [{ slug: 'of-rest' }], next_page_token: expect.any(String) })
  expect(await app.rest('GET', '/v1/projects/of-rest')).toMatchObject({
    status: 404,
    body: { reason: 'PROJECT_NOT_FOUND' },
  })
  expect(await app.rest('GET', '/v1/projects')).toMatchObject({
    status: 403,
    body: { reason: 'NOT_ALLOWED' },
  })
})
