// Job groups as their project's callers meet them.

import type { JobGroup } from '@strait/contracts/catalog/v1/job_group_pb'
import { JobGroupService } from '@strait/contracts/catalog/v1/job_group_service_pb'
import { newUuidv7 } from '@strait/domain/ids'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bootstrap } from '../src/bootstrap.ts'
import { type AppBundle, openApp } from './app-bundle.ts'
import { auditOf } from './audit-of.ts'
import { makeGroup, rowOf } from './group-bundle.ts'
import { refusalOf } from './refusal.ts'

let app: AppBundle
let theirs: { readonly projectId: string; readonly apiKey: string }
beforeAll(async () => {
  app = await openApp()
  const { database, masterKey } = app.store
  theirs = await bootstrap({ databaseUrl: database.url, masterKey, projectSlug: 'neighbour' })
})
afterAll(() => app[Symbol.asyncDispose]())

const patchOf = (
  group: string,
  patch: { name?: string; slug?: string; description?: string },
  etag?: string,
) => app.groups.updateJobGroup({ group, patch, updateMask: { paths: Object.keys(patch) }, etag })

test('a group is stored as it was given and found by id and slug', async () => {
  const { jobGroup } = await app.groups.createJobGroup({
    jobGroup: { name: 'Nightly mails', description: 'All of them', etag: 'x', createdBy: 'me' },
  })
  expect(jobGroup).toMatchObject({
    projectId: app.store.projectId,
    name: 'Nightly mails',
    slug: 'nightly-mails',
    description: 'All of them',
    etag: 'rev_1',
    createdBy: expect.stringMatching(/^apikey:/),
  })
  expect(jobGroup?.pausedAt).toBeUndefined()
  for (const group of [jobGroup!.id, jobGroup!.id.toUpperCase(), 'nightly-mails'])
    expect((await app.groups.getJobGroup({ group })).jobGroup).toEqual(jobGroup)
  const { body: after } = await app.rest('GET', '/v1/job-groups/nightly-mails')
  expect(after).toMatchObject({ description: 'All of them', etag: 'rev_1', paused_at: null })
  expect(await auditOf(app, jobGroup!.id)).toMatchObject([
    {
      action: 'job_group.created',
      actor: jobGroup!.createdBy,
      resource_type: 'job_group',
      before: null,
      after,
    },
  ])
})

test('what is wrong is named, and nothing is stored', async () => {
  const before = await app.countRows()
  const wrong = { name: '', slug: 'No Slug', projectId: theirs.projectId }
  expect(await refusalOf(app.groups.createJobGroup({ jobGroup: wrong }))).toMatchObject({
    reason: 'FIELD_INVALID',
    fields: ['job_group.project_id', 'job_group.name', 'job_group.slug'],
  })
  expect(await refusalOf(app.groups.createJobGroup({}))).toMatchObject({ fields: ['job_group'] })
  expect(await app.countRows()).toBe(before)
})

test('of many creates of one slug at once one gets it, and those of one name are numbered', async () => {
  const made = await Promise.allSettled(
    Array.from({ length: 8 }, () => app.groups.createJobGroup({ jobGroup: { name: 'x', slug: 'raced' } })),
  )
  expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  const refused = await refusalOf(app.groups.createJobGroup({ jobGroup: { name: 'x', slug: 'raced' } }))
  expect(refused).toMatchObject({ code: 'already_exists', reason: 'SLUG_TAKEN', fields: ['job_group.slug'] })
  const numbered = await Promise.all(Array.from({ length: 8 }, () => makeGroup(app, 'Numbered')))
  expect(new Set(numbered.map(({ slug }) => slug))).toEqual(
    new Set(['numbered', ...[2, 3, 4, 5, 6, 7, 8].map((n) => `numbered-${n}`)]),
  )
})

test('validate_only answers what would be stored and writes nothing', async () => {
  const group = await makeGroup(app, 'Only')
  const before = await app.countRows()
  const created = await app.groups.createJobGroup({ jobGroup: { name: 'Only' }, validateOnly: true })
  expect(created.jobGroup).toMatchObject({ slug: 'only-2', id: '', etag: '', createdBy: '' })
  expect(created.jobGroup?.createdAt).toBeUndefined()
  const taken = app.groups.createJobGroup({ jobGroup: { name: 'x', slug: 'only' }, validateOnly: true })
  expect(await refusalOf(taken)).toMatchObject({ reason: 'SLUG_TAKEN' })
  const row = await rowOf(app, 'job_groups', group.id)
  const updated = await app.groups.updateJobGroup({
    group: group.id,
    patch: { name: 'Never' },
    updateMask: { paths: ['name'] },
    validateOnly: true,
  })
  expect(updated.jobGroup).toEqual({ ...group, name: 'Never' })
  const deleted = await app.groups.deleteJobGroup({ group: group.id, validateOnly: true })
  expect(deleted.jobGroup).toEqual(group)
  expect(await rowOf(app, 'job_groups', group.id)).toBe(row)
  expect(await app.countRows()).toBe(before)
})

test('a change has what the mask names; a slug that is cleared is made from the name', async () => {
  const group = await makeGroup(app, 'Changed')
  const named = (await patchOf('changed', { name: 'Renamed', description: 'why' })).jobGroup
  expect(named).toMatchObject({ name: 'Renamed', slug: 'changed', description: 'why', etag: 'rev_2' })
  const slugged = (await patchOf(group.id, { slug: 'chosen' })).jobGroup
  expect(slugged).toMatchObject({ slug: 'chosen', etag: 'rev_3' })
  expect(await refusalOf(app.groups.getJobGroup({ group: 'changed' }))).toMatchObject({
    reason: 'JOB_GROUP_NOT_FOUND',
  })
  const cleared = await app.groups.updateJobGroup({
    group: group.id,
    patch: {},
    updateMask: { paths: ['slug', 'description'] },
  })
  expect(cleared.jobGroup).toMatchObject({ slug: 'renamed', description: '', name: 'Renamed' })
  const [, entry] = await auditOf(app, group.id)
  expect(entry).toMatchObject({
    action: 'job_group.updated',
    before: { name: 'Changed', description: '' },
    after: { name: 'Renamed', description: 'why' },
  })
})

test('a change that changes no value writes nothing, whatever it names', async () => {
  const first = await makeGroup(app, 'Same')
  const second = await makeGroup(app, 'Same')
  expect(second.slug).toBe('same-2')
  for (const group of [first, second]) {
    const before = await rowOf(app, 'job_groups', group.id)
    const given = { group: group.id, patch: group, etag: group.etag }
    const whole = ['id', 'project_id', 'name', 'slug', 'description', 'etag', 'created_at', 'paused_at']
    for (const paths of [[], ['name'], whole])
      expect((await app.groups.updateJobGroup({ ...given, updateMask: { paths } })).jobGroup).toEqual(group)
    // The slug that the name makes, numbered, is the one that it has.
    const remade = await app.groups.updateJobGroup({
      ...given,
      patch: { name: group.name },
      updateMask: { paths: ['slug'] },
    })
    expect(remade.jobGroup).toEqual(group)
    expect(await rowOf(app, 'job_groups', group.id)).toBe(before)
    expect(await auditOf(app, group.id)).toHaveLength(1)
  }
})

test('a taken slug, an unknown field and an old etag are refused, the etag first', async () => {
  const group = await makeGroup(app, 'Refused')
  await makeGroup(app, 'Occupied')
  const before = await rowOf(app, 'job_groups', group.id)
  expect(await refusalOf(patchOf(group.id, { slug: 'occupied' }))).toMatchObject({
    reason: 'SLUG_TAKEN',
    fields: ['patch.slug'],
  })
  for (const etag of ['rev_0', 'rev_2', 'nonsense'])
    expect(await refusalOf(patchOf(group.id, { slug: 'occupied' }, etag))).toMatchObject({
      code: 'aborted',
      reason: 'ETAG_MISMATCH',
      fields: ['etag'],
    })
  expect(
    await refusalOf(
      app.groups.updateJobGroup({ group: group.id, patch: {}, updateMask: { paths: ['nmae'] }, etag: '' }),
    ),
  ).toMatchObject({ reason: 'FIELD_INVALID', fields: ['update_mask', 'etag'] })
  expect(await rowOf(app, 'job_groups', group.id)).toBe(before)
})

test('of many changes at once none is lost, pauses among them, and one wins a slug', async () => {
  const group = await makeGroup(app, 'Busy')
  const rival = await makeGroup(app, 'Rival')
  await Promise.all([
    ...Array.from({ length: 5 }, (_, nth) => patchOf(group.id, { name: `Busy ${nth}` })),
    patchOf(group.id, { description: 'kept' }),
    app.groups.pauseJobGroup({ group: group.id }),
  ])
  const busy = (await app.groups.getJobGroup({ group: group.id })).jobGroup
  expect(busy).toMatchObject({ description: 'kept', etag: 'rev_8', name: expect.stringMatching(/^Busy \d$/) })
  expect(busy?.pausedAt).toBeDefined()
  const actions = (await auditOf(app, group.id)).map(({ action }) => action)
  expect(actions.filter((action) => action === 'job_group.updated')).toHaveLength(6)
  const races = [group.id, rival.id].map((id) => patchOf(id, { slug: 'the-one' }))
  const won = await Promise.allSettled(races)
  expect(won.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
})

test('pause and resume are told once, and again they write nothing', async () => {
  const group = await makeGroup(app, 'Paused')
  const paused = (await app.groups.pauseJobGroup({ group: 'paused' })).jobGroup
  expect(paused).toMatchObject({ etag: 'rev_2', pausedAt: expect.anything() })
  const row = await rowOf(app, 'job_groups', group.id)
  expect((await app.groups.pauseJobGroup({ group: group.id })).jobGroup).toEqual(paused)
  expect(await rowOf(app, 'job_groups', group.id)).toBe(row)
  const resumed = (await app.groups.resumeJobGroup({ group: group.id })).jobGroup
  expect(resumed?.pausedAt).toBeUndefined()
  expect((await app.groups.resumeJobGroup({ group: group.id })).jobGroup).toEqual(resumed)
  const actions = (await auditOf(app, group.id)).map(({ action }) => action)
  expect(actions).toEqual(['job_group.created', 'job_group.paused', 'job_group.resumed'])
})

test('pages hold each group once, newest first, and a token is of its list alone', async () => {
  const neighbours = app.client(JobGroupService, theirs.apiKey)
  const made: (JobGroup | undefined)[] = []
  for (const name of ['one', 'two', 'three', 'four', 'five'])
    made.push((await neighbours.createJobGroup({ jobGroup: { name } })).jobGroup)
  const seen: JobGroup[] = []
  let pageToken = ''
  do {
    const page = await neighbours.listJobGroups({ pageSize: 2, pageToken })
    seen.push(...page.jobGroups)
    pageToken = page.nextPageToken
  } while (pageToken !== '')
  expect(seen).toEqual(made.toReversed())
  const { nextPageToken } = await neighbours.listJobGroups({ pageSize: 2 })
  for (const pageToken of [nextPageToken, 'nonsense', (await app.keys.listApiKeys({})).nextPageToken || 'x'])
    expect(await refusalOf(app.groups.listJobGroups({ pageToken, pageSize: 251 }))).toMatchObject({
      reason: 'FIELD_INVALID',
      fields: ['page_token', 'page_size'],
    })
})

test("another project's group is not there, by any method, and is told of as one that never was", async () => {
  const { id } = await makeGroup(app, 'Walled')
  const neighbours = app.client(JobGroupService, theirs.apiKey)
  const before = await rowOf(app, 'job_groups', id)
  const calls = (group: string) => [
    neighbours.getJobGroup({ group }),
    neighbours.updateJobGroup({ group, patch: { name: 'x' }, updateMask: { paths: ['name'] } }),
    neighbours.deleteJobGroup({ group }),
    neighbours.pauseJobGroup({ group }),
    neighbours.resumeJobGroup({ group }),
    neighbours.getJobGroupStats({ group }),
  ]
  const nobody = await refusalOf(neighbours.getJobGroup({ group: newUuidv7() }))
  expect(nobody).toMatchObject({ code: 'not_found', reason: 'JOB_GROUP_NOT_FOUND' })
  for (const group of [id, 'walled', 'No Group', `${'x'.repeat(129)}`])
    for (const refused of await Promise.all(calls(group).map(refusalOf))) expect(refused).toEqual(nobody)
  for (const refused of await Promise.all(calls('').map(refusalOf)))
    expect(refused).toMatchObject({ fields: ['group'] })
  expect(await rowOf(app, 'job_groups', id)).toBe(before)
})

test('REST has a path for each, with the etag as a header', async () => {
  const created = await app.rest('POST', '/v1/job-groups', { name: 'Of REST', description: 'd' })
  expect(created).toMatchObject({ status: 201, body: { name: 'Of REST', slug: 'of-rest', etag: 'rev_1' } })
  expect(created.headers.get('location')).toBe(`/v1/job-groups/${created.body.id}`)
  const got = await app.rest('GET', '/v1/job-groups/of-rest')
  expect(got.headers.get('etag')).toBe('"rev_1"')
  const change = { name: 'Renamed', description: null }
  expect(await app.rest('PATCH', '/v1/job-groups/of-rest', change, { 'if-match': '"rev_1"' })).toMatchObject({
    status: 200,
    body: { name: 'Renamed', etag: 'rev_2' },
  })
  expect(await app.rest('PATCH', '/v1/job-groups/of-rest', change, { 'if-match': 'rev_1' })).toMatchObject({
    status: 412,
    body: { reason: 'ETAG_MISMATCH' },
  })
  expect((await app.rest('POST', '/v1/job-groups/of-rest/pause', {})).body).toHaveProperty('paused_at')
  expect(await app.rest('POST', '/v1/job-groups/of-rest/resume', {})).toMatchObject({ status: 200 })
  const list = await app.rest('GET', '/v1/job-groups?page_size=1')
  expect(list.body).toMatchObject({ job_groups: [{ slug: 'of-rest' }], next_page_token: expect.any(String) })
  expect(await app.rest('GET', '/v1/job-groups/of-rest/stats')).toMatchObject({
    status: 200,
    body: { jobs: 0 },
  })
  expect(
    await app.rest('DELETE', '/v1/job-groups/of-rest', undefined, { 'if-match': 'rev_4' }),
  ).toMatchObject({
    status: 200,
    body: { slug: 'of-rest', etag: 'rev_4' },
  })
  expect(await app.rest('GET', '/v1/job-groups/of-rest')).toMatchObject({ status: 404 })
})
