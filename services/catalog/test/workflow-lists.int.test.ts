// Lists of workflows and of their versions.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AppBundle, openApp } from './app-bundle.ts'
import { refusalOf } from './refusal.ts'
import { aStep, makeWorkflow, openNeighbour, update, type Workflows, workflowsOf } from './workflow-bundle.ts'

let app: AppBundle
let workflows: Workflows
beforeAll(async () => {
  app = await openApp()
  workflows = workflowsOf(app)
})
afterAll(() => app[Symbol.asyncDispose]())

type Request = Parameters<Workflows['listWorkflows']>[0]

async function slugsOf(request: Request): Promise<readonly string[]> {
  const { workflows: found } = await workflows.listWorkflows(request)
  return found.map(({ slug }) => slug ?? '')
}

test('pages hold every workflow once, newest first, whatever is made meanwhile', async () => {
  const made: string[] = []
  for (let nth = 0; nth < 7; nth++) made.push((await makeWorkflow(workflows, { tags: { list: 'paged' } })).id)
  const seen: string[] = []
  const tags = { list: 'paged' }
  for (let pageToken: string | undefined; pageToken !== ''; ) {
    const page = await workflows.listWorkflows({ pageSize: 3, pageToken: pageToken ?? '', tags })
    seen.push(...page.workflows.map(({ id }) => id))
    pageToken = page.nextPageToken
    await makeWorkflow(workflows, { tags })
  }
  expect(seen).toEqual(made.toReversed())
})

test('filters hold together', async () => {
  await makeWorkflow(workflows, { slug: 'filter-a', name: 'Ärger 100%', tags: { k: 'v', own: '1' } })
  await makeWorkflow(workflows, {
    slug: 'filter-b',
    description: 'an ärger_x',
    tags: { k: 'w' },
    enabled: false,
  })
  await makeWorkflow(workflows, { slug: 'filter-c', tags: { k: 'v' } })
  await workflows.deleteWorkflow({
    workflow: (await makeWorkflow(workflows, { slug: 'filter-d', tags: { k: 'v' } })).id,
  })
  expect(await slugsOf({ tags: { k: 'v' } })).toEqual(['filter-c', 'filter-a'])
  expect(await slugsOf({ tags: { k: 'v', own: '1' } })).toEqual(['filter-a'])
  expect(await slugsOf({ enabled: false })).toEqual(['filter-b'])
  expect(await slugsOf({ enabled: true, text: 'FILTER-' })).toEqual(['filter-c', 'filter-a'])
  expect(await slugsOf({ text: 'ÄRGER' })).toEqual(['filter-b', 'filter-a'])
  expect(await slugsOf({ text: '100%' })).toEqual(['filter-a'])
  expect(await slugsOf({ text: '%' })).toEqual(['filter-a'])
  expect(await slugsOf({ text: 'r_x' })).toEqual(['filter-b'])
  expect(await slugsOf({ text: '\\' })).toEqual([])
  expect(await slugsOf({ tags: { ['__proto__']: 'v' } })).toEqual([])
})

test.each<[string, Request, readonly string[]]>([
  ['a negative page', { pageSize: -1 }, ['page_size']],
  ['a page too large', { pageSize: 251 }, ['page_size']],
  ['no token', { pageToken: 'nonsense' }, ['page_token']],
  ['an empty text', { text: '' }, ['text']],
  ['a long text', { text: 'x'.repeat(256) }, ['text']],
  ['an empty key', { tags: { '': 'x' } }, ['tags']],
  [
    '21 tags',
    { tags: Object.fromEntries(Array.from({ length: 21 }, (_, nth) => [`k${nth}`, ''])) },
    ['tags'],
  ],
  ['two faults', { pageSize: 251, text: '' }, ['text', 'page_size']],
])('a list is refused that asks for %s', async (_, request, fields) => {
  expect(await refusalOf(workflows.listWorkflows(request))).toMatchObject({ reason: 'FIELD_INVALID', fields })
})

test('a token goes on with its own list and with no other', async () => {
  const tags = { list: 'tokens' }
  const { id } = await makeWorkflow(workflows, { tags })
  await makeWorkflow(workflows, { tags })
  await update(workflows, id, { description: 'second' })
  const { nextPageToken: pageToken } = await workflows.listWorkflows({ pageSize: 1, tags })
  const versions = await workflows.listWorkflowVersions({ workflow: id, pageSize: 1 })
  const neighbour = await openNeighbour(app)
  expect((await workflows.listWorkflows({ pageToken, tags })).workflows).toHaveLength(1)
  for (const call of [
    () => workflows.listWorkflows({ pageToken }),
    () => workflows.listWorkflows({ pageToken, tags, enabled: true }),
    () => workflows.listWorkflows({ pageToken: versions.nextPageToken, tags }),
    () => neighbour.listWorkflows({ pageToken, tags }),
    () => workflows.listWorkflowVersions({ workflow: id, pageToken }),
  ])
    expect(await refusalOf(call())).toMatchObject({ reason: 'FIELD_INVALID', fields: ['page_token'] })
  const second = await workflows.listWorkflowVersions({ workflow: id, pageToken: versions.nextPageToken })
  expect(second.versions.map(({ version }) => version)).toEqual([1])
  expect(second.nextPageToken).toBe('')
})

test('a page ends at about 8 MiB, and the next one goes on', async () => {
  const payload = JSON.stringify('x'.repeat(1_000_000))
  const job = { case: 'job', value: { job: 'a-job', payload } } as const
  const steps = ['a', 'b', 'c'].map((ref) => aStep(ref, [], { does: job }))
  const { id } = await makeWorkflow(workflows, { steps, tags: { list: 'large' } })
  for (let nth = 0; nth < 3; nth++) await update(workflows, id, { description: `${nth}` })
  const first = await workflows.listWorkflowVersions({ workflow: id })
  expect(first.versions.map(({ version }) => version)).toEqual([4, 3])
  const rest = await workflows.listWorkflowVersions({ workflow: id, pageToken: first.nextPageToken })
  expect(rest.versions.map(({ version }) => version)).toEqual([2, 1])
  expect(rest.nextPageToken).toBe('')
  const refs = Array.from({ length: 12 }, () => ({ workflowId: id, version: 1 }))
  expect(await refusalOf(app.internal.getWorkflowVersions({ refs }))).toMatchObject({ reason: 'OVERLOADED' })
})
