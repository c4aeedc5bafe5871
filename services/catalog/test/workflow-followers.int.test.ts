// What others learn of workflows: the news of a change, and frozen versions.

import { fromBinary } from '@bufbuild/protobuf'
import { connectBus } from '@strait/bus/connect-bus'
import { CatalogInternalService } from '@strait/contracts/catalog/v1/catalog_internal_service_pb'
import { CatalogChangedSchema } from '@strait/contracts/events/v1/news_pb'
import { subjects } from '@strait/contracts/subjects'
import { startTestNats } from '@strait/testkit/test-nats'
import { waitFor } from '@strait/testkit/wait-for'
import { expect, onTestFinished, test } from 'vitest'
import { openApp } from './app-bundle.ts'
import { refusalOf } from './refusal.ts'
import { aWorkflow, makeWorkflow, update, workflowsOf } from './workflow-bundle.ts'

test('every change that is stored is told to whoever listens, and what changes nothing is not', async () => {
  const nats = await startTestNats()
  onTestFinished(() => nats.stop())
  const listener = await connectBus({ url: nats.url, name: 'listener' })
  onTestFinished(() => listener.close())
  const heard: string[] = []
  listener.subscribe(subjects.catalogChanged('workflow'), (bytes) => {
    heard.push(...fromBinary(CatalogChangedSchema, bytes).ids)
  })
  await listener.connection()?.flush()
  const app = await openApp({ NATS_URL: nats.url })
  onTestFinished(() => app[Symbol.asyncDispose]())
  const workflows = workflowsOf(app)

  const { id } = await makeWorkflow(workflows, { slug: 'told' })
  await refusalOf(makeWorkflow(workflows, { slug: 'told' }))
  await workflows.createWorkflow({ workflow: aWorkflow, validateOnly: true })
  await update(workflows, id, { slug: 'told' })
  await update(workflows, id, { description: 'new' })
  await workflows.rollbackWorkflow({ workflow: id, version: '1' })
  await workflows.deleteWorkflow({ workflow: id })
  const last = await makeWorkflow(workflows, { slug: 'told-last' })
  // News of one connection keeps its order: what was not told before the last one never will be.
  await waitFor(() => heard.includes(last.id), { what: 'news of the last workflow' })
  expect(heard).toEqual([id, id, id, id, last.id])
})

test('versions are given to other services in the order of the question, 1,000 at once, and to nobody else', async () => {
  const app = await openApp()
  onTestFinished(() => app[Symbol.asyncDispose]())
  const made = await makeWorkflow(workflowsOf(app))
  await workflowsOf(app).deleteWorkflow({ workflow: made.id })
  const refs = (count: number) => Array.from({ length: count }, () => ({ workflowId: made.id, version: 1 }))
  const { versions } = await app.internal.getWorkflowVersions({
    refs: [...refs(999), { workflowId: made.id }],
  })
  expect(versions[998]?.workflow).toMatchObject({
    id: made.id,
    steps: made.steps,
    deletedAt: expect.anything(),
  })
  expect(versions[999]?.workflow).toBeUndefined()
  expect(await refusalOf(app.internal.getWorkflowVersions({ refs: refs(1_001) }))).toMatchObject({
    fields: ['refs'],
  })
  const stranger = app.client(CatalogInternalService, app.store.apiKey)
  expect(await refusalOf(stranger.getWorkflowVersions({ refs: [] }))).toMatchObject({
    code: 'unauthenticated',
  })
})
