// Changes of workflows, and the versions that they leave behind.

import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { type AppBundle, openApp } from './app-bundle.ts'
import { refusalOf } from './refusal.ts'
import {
  aStep,
  countWorkflowRows,
  makeWorkflow,
  update,
  type Workflows,
  workflowsOf,
} from './workflow-bundle.ts'

let app: AppBundle
let workflows: Workflows
beforeAll(async () => {
  app = await openApp()
  workflows = workflowsOf(app)
})
afterAll(() => app[Symbol.asyncDispose]())

test('the fields that are named are changed whole, the others stay, and one named without a value has its default', async () => {
  const made = await makeWorkflow(workflows, { tags: { a: '1', b: '2' }, cron: '0 9 * * *', timeoutSecs: 5 })
  const second = (await update(workflows, made.slug!, { tags: { c: '3' } })).workflow
  expect(second).toMatchObject({
    ...made,
    tags: { c: '3' },
    version: 2,
    versionId: expect.anything(),
    updatedAt: {},
  })
  expect(second?.versionId).not.toBe(made.versionId)
  const third = (
    await workflows.updateWorkflow({
      workflow: made.id,
      patch: { name: 'not named in the mask' },
      updateMask: { paths: ['cron', 'timeout_secs', 'tags'] },
    })
  ).workflow
  expect(third).toMatchObject({ name: made.name, timeoutSecs: 604_800, tags: {}, version: 3 })
  expect(third?.cron).toBeUndefined()
  expect((await workflows.getWorkflow({ workflow: made.id })).workflow).toEqual(third)
})

test('a change that changes no value writes nothing, nor does another order of steps or tags', async () => {
  const steps = [aStep('one'), aStep('two', ['one'])]
  const made = await makeWorkflow(workflows, { tags: { a: '1', b: '2' }, steps })
  const rows = await countWorkflowRows(app)
  for (const patch of [
    {},
    { name: made.name, timezone: 'UTC', overlap: 0 },
    { tags: { b: '2', a: '1' } },
    { steps: steps.toReversed() },
    { id: 'ignored', version: 7, createdBy: 'ignored' },
  ])
    expect((await update(workflows, made.id, patch, { etag: made.versionId })).workflow).toEqual(made)
  expect(await countWorkflowRows(app)).toBe(rows)
})

test('a slug is changed, taken or made anew from the name', async () => {
  const made = await makeWorkflow(workflows, { name: 'Called so', slug: 'first-slug' })
  await makeWorkflow(workflows, { slug: 'taken-slug' })
  expect(await refusalOf(update(workflows, made.id, { slug: 'taken-slug' }))).toMatchObject({
    reason: 'SLUG_TAKEN',
    fields: ['patch.slug'],
  })
  expect((await update(workflows, 'first-slug', { slug: 'second-slug' })).workflow?.slug).toBe('second-slug')
  expect(await refusalOf(workflows.getWorkflow({ workflow: 'first-slug' }))).toMatchObject({
    reason: 'WORKFLOW_NOT_FOUND',
  })
  const mask = { workflow: made.id, patch: {}, updateMask: { paths: ['slug'] } }
  expect((await workflows.updateWorkflow(mask)).workflow).toMatchObject({ slug: 'called-so', version: 3 })
  expect((await workflows.updateWorkflow(mask)).workflow).toMatchObject({ slug: 'called-so', version: 3 })
})

test('of 20 changes to one slug at once one gets it', async () => {
  const made = await Promise.all(
    Array.from({ length: 20 }, (_, nth) => makeWorkflow(workflows, { slug: `racer-${nth}` })),
  )
  const won = await Promise.allSettled(made.map(({ id }) => update(workflows, id, { slug: 'the-one' })))
  expect(won.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
})

test('50 changes at once make consecutive versions, and none is lost', async () => {
  const { id } = await makeWorkflow(workflows)
  const changed = await Promise.all(
    Array.from({ length: 50 }, (_, nth) => update(workflows, id, { description: `${nth}` })),
  )
  const versions = changed.map(({ workflow }) => workflow?.version ?? 0)
  expect(versions.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, nth) => nth + 2))
  const listed = (await workflows.listWorkflowVersions({ workflow: id, pageSize: 250 })).versions
  for (const pageSize of [-1, 251])
    expect(await refusalOf(workflows.listWorkflowVersions({ workflow: id, pageSize }))).toMatchObject({
      fields: ['page_size'],
    })
  expect(listed.map(({ version }) => version)).toEqual(Array.from({ length: 51 }, (_, nth) => 51 - nth))
  const told = new Map(changed.map(({ workflow }) => [workflow?.version, workflow?.description]))
  for (const { version, description } of listed.slice(0, -1)) expect(description).toBe(told.get(version))
})

test('changes by two catalogs at once make consecutive versions too', async () => {
  const replica = await openApp({}, app.store)
  onTestFinished(() => replica[Symbol.asyncDispose]())
  const { id } = await makeWorkflow(workflows)
  const changed = await Promise.all(
    [workflows, workflowsOf(replica)].flatMap((by, which) =>
      Array.from({ length: 8 }, (_, nth) => update(by, id, { description: `${which} ${nth}` })),
    ),
  )
  const versions = changed.map(({ workflow }) => workflow?.version ?? 0)
  expect(versions.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 16 }, (_, nth) => nth + 2))
})

test('with the etag of one version one of many changes wins, and the others are told', async () => {
  const { id, versionId: etag } = await makeWorkflow(workflows)
  const all = await Promise.allSettled(
    Array.from({ length: 10 }, (_, nth) => update(workflows, id, { description: `${nth}` }, { etag })),
  )
  expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  for (const call of [
    () => update(workflows, id, { name: 'x' }, { etag }),
    () => update(workflows, id, { name: 'x' }, { etag: 'nonsense' }),
    () => workflows.rollbackWorkflow({ workflow: id, version: '1', etag }),
  ])
    expect(await refusalOf(call())).toMatchObject({
      code: 'aborted',
      reason: 'ETAG_MISMATCH',
      fields: ['etag'],
    })
  const empty = () => update(workflows, id, { name: 'x' }, { etag: '' })
  expect(await refusalOf(empty())).toMatchObject({ reason: 'FIELD_INVALID', fields: ['etag'] })
})

test.each([
  ['no mask', { patch: {} }, ['update_mask']],
  ['no patch', { updateMask: { paths: ['name'] } }, ['patch']],
  ['nothing', {}, ['patch', 'update_mask']],
  ['the name of a client', { patch: {}, updateMask: { paths: ['timeoutSecs'] } }, ['update_mask']],
  [
    'a part of a field',
    { patch: {}, updateMask: { paths: ['steps.ref', 'tags.a'] } },
    ['update_mask', 'update_mask'],
  ],
  ['a name of the language', { patch: {}, updateMask: { paths: ['__proto__'] } }, ['update_mask']],
  ['no name', { patch: {}, updateMask: { paths: ['name'] } }, ['patch.name']],
  ['no steps', { patch: {}, updateMask: { paths: ['steps'] } }, ['patch.steps']],
  ['an unknown word', { patch: { overlap: 9 }, updateMask: { paths: ['overlap'] } }, ['patch.overlap']],
])('a change is refused that has %s', async (_, request, fields) => {
  const { id } = await makeWorkflow(workflows)
  const rows = await countWorkflowRows(app)
  const refused = await refusalOf(workflows.updateWorkflow({ workflow: id, ...request }))
  expect(refused).toMatchObject({ code: 'invalid_argument', reason: 'FIELD_INVALID', fields })
  expect(await countWorkflowRows(app)).toBe(rows)
})

test('versions are told apart field by field, and steps by their refs', async () => {
  const { id, versionId: first } = await makeWorkflow(workflows, {
    name: 'Told apart',
    slug: 'told-apart',
    steps: [aStep('a'), aStep('b', ['a']), aStep('gone')],
  })
  const steps = [aStep('b', ['a'], { condition: 'true' }), aStep('new'), aStep('a')]
  const second = (await update(workflows, id, { steps, tags: { z: '1', a: '2' }, cron: '0 9 * * *' }))
    .workflow
  const { changes, ...ends } = await workflows.diffWorkflowVersions({ workflow: id, from: '1' })
  expect(ends).toMatchObject({ fromVersionId: first, toVersionId: second?.versionId })
  expect(changes.map(({ field }) => field)).toEqual(['tags', 'steps[b]', 'steps[new]', 'steps[gone]', 'cron'])
  expect(changes[0]).toMatchObject({ before: '{}', after: '{"a":"2","z":"1"}' })
  expect(JSON.parse(changes[1]!.after)).toMatchObject({
    ref: 'b',
    condition: 'true',
    on_failure: 'fail_workflow',
  })
  expect(changes[2]?.before).toBe('null')
  expect(changes[3]?.after).toBe('null')
  expect(changes[4]).toMatchObject({ before: 'null', after: '"0 9 * * *"' })

  const backwards = await workflows.diffWorkflowVersions({ workflow: id, from: second!.versionId, to: first })
  expect(backwards.changes.map(({ field }) => field)).toEqual(
    ['tags', 'steps[a]', 'steps[b]', 'steps[gone]', 'steps[new]', 'cron'].filter(
      (field) => field !== 'steps[a]',
    ),
  )
  const beginning = await workflows.diffWorkflowVersions({ workflow: id, to: '1' })
  expect(beginning.fromVersionId).toBe('')
  expect(beginning.changes.map(({ field }) => field)).toEqual([
    'name',
    'slug',
    'steps[a]',
    'steps[b]',
    'steps[gone]',
  ])
  expect(beginning.changes[0]).toMatchObject({ before: 'null', after: '"Told apart"' })
  expect((await workflows.diffWorkflowVersions({ workflow: id, from: '2', to: '2' })).changes).toEqual([])
})

test('a rollback makes a new version with the earlier configuration, and keeps slug and enabled', async () => {
  const made = await makeWorkflow(workflows, { slug: 'old-slug', description: 'old' })
  await update(workflows, made.id, { slug: 'new-slug', description: 'new', enabled: false })
  const { workflow } = await workflows.rollbackWorkflow({ workflow: made.id, version: made.versionId })
  expect(workflow).toMatchObject({ version: 3, slug: 'new-slug', description: 'old', enabled: false })
  const again = await workflows.rollbackWorkflow({ workflow: made.id, version: '1' })
  expect(again.workflow).toEqual(workflow)
  const { versions } = await workflows.listWorkflowVersions({ workflow: made.id })
  expect(versions.map(({ description }) => description)).toEqual(['old', 'new', 'old'])
})

test.each(['3', '0', '-1', '01', '1.0', 'latest', 'ver_0000000000', '99999999999', ' 1'])(
  'there is no version %j',
  async (version) => {
    const { id: workflow } = await makeWorkflow(workflows)
    for (const [field, call] of [
      ['version', () => workflows.getWorkflowVersion({ workflow, version })],
      ['version', () => workflows.rollbackWorkflow({ workflow, version })],
      ['version', () => workflows.renderWorkflow({ workflow, version })],
      ['from', () => workflows.diffWorkflowVersions({ workflow, from: version })],
      ['to', () => workflows.diffWorkflowVersions({ workflow, to: version })],
    ] as const)
      expect(await refusalOf(call())).toMatchObject({
        code: 'not_found',
        reason: 'VERSION_NOT_FOUND',
        fields: [field],
      })
  },
)

test('a version of another workflow is none of this one', async () => {
  const [one, other] = [await makeWorkflow(workflows), await makeWorkflow(workflows)]
  const call = workflows.getWorkflowVersion({ workflow: one.id, version: other.versionId })
  expect(await refusalOf(call)).toMatchObject({ reason: 'VERSION_NOT_FOUND' })
})
