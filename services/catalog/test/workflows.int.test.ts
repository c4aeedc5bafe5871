// Workflows from their making to their end.

import { timestampMs } from '@bufbuild/protobuf/wkt'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AppBundle, openApp } from './app-bundle.ts'
import { auditOf } from './audit-of.ts'
import { refusalOf } from './refusal.ts'
import {
  aStep,
  aWorkflow,
  countWorkflowRows,
  type Fields,
  makeWorkflow,
  openNeighbour,
  update,
  type Workflows,
  workflowsOf,
} from './workflow-bundle.ts'

let app: AppBundle
let workflows: Workflows
let neighbour: Workflows
beforeAll(async () => {
  app = await openApp()
  workflows = workflowsOf(app)
  neighbour = await openNeighbour(app)
})
afterAll(() => app[Symbol.asyncDispose]())

/** A workflow in which every field and every kind of step says something. */
const whole: Fields = {
  name: 'Everything “at once”',
  slug: 'everything',
  description: 'All of it',
  tags: { team: 'a', __proto__x: 'b' },
  enabled: false,
  timeoutSecs: 60,
  maxConcurrentRuns: 2,
  maxParallelSteps: 3,
  cron: '0 9 * * 1-5',
  cronPayload: '{"n": 12345678901234567890}',
  timezone: 'Europe/Berlin',
  dstGap: 2,
  dstOverlap: 2,
  misfire: 3,
  misfireMaxAgeSecs: 60,
  overlap: 3,
  spreadSecs: 30,
  steps: [
    {
      ref: 'fetch',
      onFailure: 3,
      does: {
        case: 'job',
        value: {
          job: 'fetch',
          payload: '{ "id": "{{ payload.id }}", "n": 1.0 }',
          maxAttempts: 2,
          timeoutSecs: 5,
          concurrencyKey: 'payload.id',
        },
      },
    },
    {
      ref: 'ok',
      dependsOn: ['fetch'],
      does: { case: 'approval', value: { message: 'Go?', timeoutSecs: 9 } },
    },
    { ref: 'told', does: { case: 'waitForEvent', value: { event: 'paid.v1', timeoutSecs: 8 } } },
    { ref: 'rest', onFailure: 2, does: { case: 'sleep', value: { durationSecs: 7 } } },
    {
      ref: 'other',
      does: { case: 'subWorkflow', value: { workflow: 'not-there', payload: '"{{ payload }}"' } },
    },
    {
      ref: 'each',
      dependsOn: ['fetch', 'ok'],
      condition: 'steps.fetch.output.size() > 1 && steps.ok.status == "completed"',
      does: {
        case: 'forEach',
        value: {
          items: 'steps.fetch.output',
          maxItems: 10,
          maxParallel: 2,
          job: { job: 'each', payload: '{"of": "{{ item.id }} at {{ index }}"}', concurrencyKey: 'item.key' },
        },
      },
    },
  ],
}

test('a workflow is answered as it was given, whichever way it is read', async () => {
  const made = await makeWorkflow(workflows, whole)
  expect(made).toMatchObject({
    ...whole,
    version: 1,
    versionId: expect.stringMatching(/^ver_[0-9a-z]{10}$/),
    projectId: app.store.projectId,
    createdBy: made.updatedBy,
  })
  expect(made.deletedAt).toBeUndefined()
  expect(timestampMs(made.createdAt!)).toBe(timestampMs(made.updatedAt!))
  for (const workflow of [made.id, 'everything', made.id.toUpperCase()])
    expect((await workflows.getWorkflow({ workflow })).workflow).toEqual(made)
  for (const version of ['1', made.versionId])
    expect((await workflows.getWorkflowVersion({ workflow: made.id, version })).workflow).toEqual(made)
  const { versions } = await app.internal.getWorkflowVersions({
    refs: [
      { workflowId: made.id, version: 1 },
      { workflowId: made.id, version: 2 },
      { workflowId: 'everything', version: 1 },
    ],
  })
  expect(versions.map(({ workflow }) => workflow)).toEqual([made, undefined, undefined])
  await workflows.deleteWorkflow({ workflow: made.id })
})

test('what is left out has its default', async () => {
  const made = await makeWorkflow(workflows, { name: 'Größte  Übung!' })
  expect([made.cron, made.misfireMaxAgeSecs, made.steps[0]?.condition]).toEqual(Array(3).fill(undefined))
  expect(made).toMatchObject({
    slug: 'grosste-ubung',
    description: '',
    tags: {},
    enabled: true,
    timeoutSecs: 604_800,
    maxConcurrentRuns: 0,
    maxParallelSteps: 0,
    cronPayload: '{}',
    timezone: 'UTC',
    dstGap: 1,
    dstOverlap: 1,
    misfire: 1,
    overlap: 1,
    spreadSecs: 0,
    steps: [{ ref: 'only', dependsOn: [], onFailure: 1 }],
  })
})

test('of many creates of one name at once each gets a slug, and of one slug exactly one', async () => {
  const named = await Promise.all(
    Array.from({ length: 10 }, () => makeWorkflow(workflows, { name: 'Same name' })),
  )
  expect(new Set(named.map(({ slug }) => slug)).size).toBe(10)
  const chosen = await Promise.allSettled(
    Array.from({ length: 10 }, () => makeWorkflow(workflows, { slug: 'one-of-them' })),
  )
  expect(chosen.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  expect(await refusalOf(makeWorkflow(workflows, { slug: 'one-of-them' }))).toMatchObject({
    code: 'already_exists',
    reason: 'SLUG_TAKEN',
    fields: ['workflow.slug'],
  })
})

test('validate_only answers what would be stored and writes nothing', async () => {
  const made = await makeWorkflow(workflows, { slug: 'only-checked' })
  const rows = await countWorkflowRows(app)
  const validateOnly = true
  const { workflow } = await workflows.createWorkflow({ workflow: { ...aWorkflow, ...whole }, validateOnly })
  expect(workflow).toMatchObject({ ...whole, id: '', version: 0, versionId: '', createdBy: '' })
  expect([workflow?.createdAt, workflow?.updatedAt]).toEqual([undefined, undefined])
  const taken = { workflow: { ...aWorkflow, slug: 'only-checked' }, validateOnly }
  expect(await refusalOf(workflows.createWorkflow(taken))).toMatchObject({ reason: 'SLUG_TAKEN' })
  const changed = await update(workflows, made.id, { name: 'new' }, { validateOnly })
  expect(changed.workflow).toMatchObject({ id: made.id, name: 'new', slug: 'only-checked', version: 0 })
  const refused = update(workflows, made.id, { name: '' }, { validateOnly })
  expect(await refusalOf(refused)).toMatchObject({ fields: ['patch.name'] })
  const back = await workflows.rollbackWorkflow({ workflow: made.id, version: '1', validateOnly })
  expect(back.workflow).toEqual(made)
  const kept = await workflows.deleteWorkflow({ workflow: made.id, validateOnly })
  expect(kept.workflow).toEqual(made)
  expect(await countWorkflowRows(app)).toBe(rows)
})

test('a deleted workflow is gone, its slug is free, and its versions stay readable by its id', async () => {
  const made = await makeWorkflow(workflows, { slug: 'short-lived' })
  await update(workflows, made.id, { description: 'second' })
  const wrong = workflows.deleteWorkflow({ workflow: made.id, etag: made.versionId })
  expect(await refusalOf(wrong)).toMatchObject({ code: 'aborted', reason: 'ETAG_MISMATCH', fields: ['etag'] })
  const { workflow } = await workflows.deleteWorkflow({ workflow: 'short-lived' })
  expect(workflow).toMatchObject({ id: made.id, version: 2, deletedAt: expect.anything() })

  const { id } = made
  for (const call of [
    () => workflows.getWorkflow({ workflow: id }),
    () => workflows.getWorkflow({ workflow: 'short-lived' }),
    () => workflows.deleteWorkflow({ workflow: id }),
    () => workflows.rollbackWorkflow({ workflow: id, version: '1' }),
    () => update(workflows, id, { name: 'x' }),
    () => workflows.listWorkflowVersions({ workflow: 'short-lived' }),
    () => workflows.getWorkflowVersion({ workflow: 'short-lived', version: '1' }),
  ])
    expect(await refusalOf(call())).toMatchObject({ code: 'not_found', reason: 'WORKFLOW_NOT_FOUND' })
  const { versions } = await workflows.listWorkflowVersions({ workflow: id })
  expect(versions.map(({ version, deletedAt }) => [version, deletedAt])).toEqual([
    [2, workflow?.deletedAt],
    [1, workflow?.deletedAt],
  ])
  expect((await workflows.getWorkflowVersion({ workflow: id, version: '1' })).workflow).toMatchObject({
    description: '',
  })
  expect((await workflows.renderWorkflow({ workflow: id })).graph).toContain('flowchart')
  expect(await makeWorkflow(workflows, { slug: 'short-lived' })).toMatchObject({ version: 1 })
})

test('every change is one entry of the audit log, with what was before and after', async () => {
  const made = await makeWorkflow(workflows, { slug: 'audited', steps: [aStep('only')] })
  const second = (await update(workflows, made.id, { description: 'second' })).workflow
  await update(workflows, made.id, { description: 'second' })
  await workflows.rollbackWorkflow({ workflow: made.id, version: '1' })
  await workflows.deleteWorkflow({ workflow: made.id })
  const entries = await auditOf(app, made.id)
  expect(entries.map(({ action }) => action)).toEqual([
    'workflow.created',
    'workflow.updated',
    'workflow.rolled_back',
    'workflow.deleted',
  ])
  expect(entries.every(({ actor }) => actor === made.createdBy)).toBe(true)
  expect(entries[0]?.before).toBeNull()
  expect(entries[1]?.before).toMatchObject({ description: '', version: 1 })
  expect(entries[1]?.after).toMatchObject({
    version_id: second?.versionId,
    overlap: 'allow',
  })
  expect(entries[3]?.after).toBeNull()
})

test('another project sees and changes nothing, by id and by slug', async () => {
  const { id } = await makeWorkflow(workflows, { slug: 'ours' })
  const rows = await countWorkflowRows(app)
  for (const workflow of [id, 'ours'])
    for (const call of [
      () => neighbour.getWorkflow({ workflow }),
      () => update(neighbour, workflow, { name: 'theirs' }),
      () => neighbour.deleteWorkflow({ workflow }),
      () => neighbour.listWorkflowVersions({ workflow }),
      () => neighbour.getWorkflowVersion({ workflow, version: '1' }),
      () => neighbour.diffWorkflowVersions({ workflow }),
      () => neighbour.rollbackWorkflow({ workflow, version: '1' }),
      () => neighbour.renderWorkflow({ workflow }),
    ])
      expect(await refusalOf(call())).toMatchObject({ code: 'not_found', reason: 'WORKFLOW_NOT_FOUND' })
  expect((await neighbour.listWorkflows({})).workflows).toEqual([])
  expect(await countWorkflowRows(app)).toBe(rows)
  const theirs = neighbour.createWorkflow({ workflow: { ...aWorkflow, projectId: app.store.projectId } })
  expect(await refusalOf(theirs)).toMatchObject({
    code: 'invalid_argument',
    fields: ['workflow.project_id'],
  })
  expect(await makeWorkflow(neighbour, { slug: 'ours' })).toMatchObject({ slug: 'ours' })
})
