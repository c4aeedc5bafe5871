// Changes of environments: their fields, their variables one by one, and what is only checked.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { type EnvironmentBundle, openEnvironments } from './environment-bundle.ts'
import { refusalOf } from './refusal.ts'

let app: EnvironmentBundle
beforeAll(async () => {
  app = await openEnvironments()
})
afterAll(() => app[Symbol.asyncDispose]())

test('fields change alone, and what is named and not set takes its default', async () => {
  const parent = await app.make({ name: 'Alone parent' })
  const made = await app.make({
    name: 'Alone',
    slug: 'alone-x',
    description: 'd',
    parentId: parent.id,
    variables: { A: '1' },
    jobOverrides: { job: { variables: { B: '2' } } },
  })
  const named = await app.update(made.id, { name: 'Renamed', description: 'not this' }, ['name'])
  expect(named).toMatchObject({ ...made, name: 'Renamed', etag: 'rev_2', updatedAt: expect.anything() })
  const seen: unknown[] = []
  for (const path of ['slug', 'description', 'parent_id', 'variables', 'job_overrides']) {
    const now = await app.update(made.id, {}, [path])
    const { slug, description, parentId, variableNames, jobOverrideNames, revision } = now
    seen.push([slug, description, parentId, variableNames, Object.keys(jobOverrideNames), revision])
  }
  expect(seen).toEqual([
    ['renamed', 'd', parent.id, ['A'], ['job'], 1],
    ['renamed', '', parent.id, ['A'], ['job'], 1],
    ['renamed', '', undefined, ['A'], ['job'], 2],
    ['renamed', '', undefined, [], ['job'], 3],
    ['renamed', '', undefined, [], [], 4],
  ])
  expect(await app.values(made.id)).toMatchObject({ variables: {}, jobOverrides: {} })
  expect(await refusalOf(app.update(made.id, {}, ['name']))).toMatchObject({ fields: ['patch.name'] })
})

test('output-only fields in a change are read past, and so is the own project', async () => {
  const made = await app.make({ name: 'Past' })
  const { projectId } = made
  const paths = ['id', 'etag', 'revision', 'created_at', 'variable_names', 'project_id']
  expect(await app.update(made.id, { projectId, etag: 'x', revision: 7 }, paths)).toEqual(made)
  expect(await refusalOf(app.update(made.id, { projectId: app.theirProject }))).toMatchObject({
    fields: ['patch.project_id'],
  })
})

test('a change that changes no value writes nothing, wherever it comes from', async () => {
  const variables = { A: '1', B: '2' }
  const jobOverrides = { job: { variables: { C: '3' } } }
  const made = await app.make({ name: 'Same', variables, jobOverrides })
  const before = await app.rows()
  const same = { name: 'Same', slug: 'same', variables: { B: '2', A: '1' }, jobOverrides }
  for (const patch of [
    same,
    {},
    { name: 'Same' },
    { variables },
    { jobOverrides: { ...jobOverrides, other: {} } },
  ])
    expect(await app.update(made.id, patch, undefined, made.etag)).toEqual(made)
  expect(await app.update(made.id, {}, ['slug'])).toEqual(made)
  const set = await app.environments.setEnvironmentVariables({ environment: made.id, set: { A: '1' } })
  expect(set.environment).toEqual(made)
  expect(await app.rows()).toBe(before)
})

test('a wrong etag is refused before anything else, and a right one is good once', async () => {
  const made = await app.make({ name: 'Etag' })
  const update = () => app.update(made.id, { variables: { A: '1' } }, ['variables'], made.etag)
  expect(await update()).toMatchObject({ etag: 'rev_2', revision: 2 })
  const stale = { code: 'aborted', reason: 'ETAG_MISMATCH', fields: ['etag'] }
  expect(await refusalOf(update())).toMatchObject(stale)
  const { environments } = app
  const of = { environment: made.id, etag: 'rev_1' }
  expect(await refusalOf(environments.setEnvironmentVariables({ ...of, remove: ['NONE'] }))).toMatchObject(
    stale,
  )
  expect(await refusalOf(environments.deleteEnvironment(of))).toMatchObject(stale)
  const race = await Promise.allSettled(
    ['x', 'y', 'z'].map((name) => app.update(made.id, { name }, ['name'], 'rev_2')),
  )
  expect(race.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
})

test('variables set and removed side by side are all set and removed', async () => {
  const remove = Array.from({ length: 10 }, (_, i) => `OLD_${i}`)
  const made = await app.make({
    name: 'Side',
    variables: Object.fromEntries(remove.map((name) => [name, 'x'])),
  })
  const set = (more: object) => app.environments.setEnvironmentVariables({ environment: made.id, ...more })
  await Promise.all([
    ...remove.map((name, i) => set({ set: { [`NEW_${i}`]: `${i}` }, remove: [name] })),
    ...remove.map((_, i) => set({ job: 'the-job', set: { [`JOB_${i}`]: `${i}` } })),
  ])
  const { variables, jobOverrides, revision } = await app.values(made.id)
  expect(variables).toEqual(Object.fromEntries(remove.map((_, i) => [`NEW_${i}`, `${i}`])))
  expect(jobOverrides).toEqual({ 'the-job': Object.fromEntries(remove.map((_, i) => [`JOB_${i}`, `${i}`])) })
  expect(revision).toBe(`${made.id}:21`)
  const names = remove.map((_, i) => `JOB_${i}`)
  const { environment } = await set({ job: 'the-job', remove: names })
  expect(environment?.jobOverrideNames).toEqual({})
})

test('what cannot be set or removed is named, and nothing is', async () => {
  const full = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`V${i}`, 'x']))
  const made = await app.make({ name: 'Full', variables: full })
  const fieldsOf = async (more: object) =>
    (await refusalOf(app.environments.setEnvironmentVariables({ environment: made.id, ...more }))).fields
  expect(await fieldsOf({ set: { ONE_MORE: 'x' } })).toEqual(['set'])
  expect(await fieldsOf({ remove: ['NONE', 'V0', 'V0', '0'] })).toEqual(['remove[2]', 'remove[3]'])
  expect(await fieldsOf({ remove: ['NONE', 'V0'] })).toEqual(['remove[0]'])
  expect(await fieldsOf({ set: { V0: 'y' }, remove: ['V0'] })).toEqual(['remove[0]'])
  expect(await fieldsOf({ job: 'No Job', set: { A: 'x' } })).toEqual(['job'])
  expect(await fieldsOf({ job: 'job', remove: ['V0'] })).toEqual(['remove[0]'])
  expect(
    (await app.environments.setEnvironmentVariables({ environment: made.id, set: { N: '' }, remove: ['V1'] }))
      .environment,
  ).toMatchObject({ revision: 2 })
  expect(await app.values(made.id)).toMatchObject({ variables: { V0: 'x', N: '' } })
})

test('only checked, nothing is written, and what would be is answered', async () => {
  const made = await app.make({ name: 'Only checked' })
  const before = await app.rows()
  const { environments } = app
  const validateOnly = true
  const environment = { name: 'Only checked', variables: { A: 'x' } }
  const created = (await environments.createEnvironment({ environment, validateOnly })).environment
  expect(created).toMatchObject({ id: '', etag: '', slug: 'only-checked-2', variableNames: ['A'] })
  expect(created?.createdAt).toBeUndefined()
  const taken = { environment: { ...environment, slug: 'only-checked' }, validateOnly }
  expect(await refusalOf(environments.createEnvironment(taken))).toMatchObject({ reason: 'SLUG_TAKEN' })
  const patch = { slug: 'other', variables: { B: 'x' } }
  const updateMask = { paths: ['slug', 'variables'] }
  const change = { environment: made.id, validateOnly }
  expect((await environments.updateEnvironment({ ...change, patch, updateMask })).environment).toMatchObject({
    id: made.id,
    slug: 'other',
    variableNames: ['B'],
  })
  const production = { ...change, patch: { slug: 'production' }, updateMask: { paths: ['slug'] } }
  expect(await refusalOf(environments.updateEnvironment(production))).toMatchObject({
    reason: 'SLUG_TAKEN',
    fields: ['patch.slug'],
  })
  expect(
    (await environments.setEnvironmentVariables({ ...change, set: { C: 'x' } })).environment,
  ).toMatchObject({
    variableNames: ['C'],
  })
  expect((await environments.deleteEnvironment(change)).environment).toEqual(made)
  expect(await app.rows()).toBe(before)
})
