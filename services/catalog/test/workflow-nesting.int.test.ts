// Workflows that lie in each other, and what is looked up for that.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AppBundle, openApp } from './app-bundle.ts'
import { refusalOf } from './refusal.ts'
import {
  aStep,
  aSubStep,
  makeWorkflow,
  openNeighbour,
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

const nest = (slug: string, inside: string) =>
  makeWorkflow(workflows, { slug, steps: [aSubStep('sub', inside)] })
const path = 'steps[0].sub_workflow.workflow'

test('a workflow that would lie in itself is refused, at every save that could make it so', async () => {
  expect(await refusalOf(nest('self', 'self'))).toMatchObject({
    reason: 'FIELD_INVALID',
    fields: [`workflow.${path}`],
    message: `workflow.${path}: would lie in itself: self -> self`,
  })
  await nest('top', 'middle')
  await nest('middle', 'bottom')
  expect(await refusalOf(nest('bottom', 'top'))).toMatchObject({
    message: `workflow.${path}: would lie in itself: bottom -> top -> middle -> bottom`,
  })
  const validateOnly = {
    workflow: { name: 'x', slug: 'bottom', steps: [aSubStep('s', 'top')] },
    validateOnly: true,
  }
  expect(await refusalOf(workflows.createWorkflow(validateOnly))).toMatchObject({
    fields: [`workflow.${path}`],
  })

  const bottom = await makeWorkflow(workflows, { slug: 'bottom', steps: [aStep('only')] })
  expect(await refusalOf(update(workflows, 'bottom', { steps: [aSubStep('s', 'top')] }))).toMatchObject({
    fields: [`patch.${path}`],
  })
  const other = await nest('other-name', 'top')
  await workflows.deleteWorkflow({ workflow: bottom.id })
  expect(await refusalOf(update(workflows, other.id, { slug: 'bottom' }))).toMatchObject({
    fields: [`patch.${path}`],
  })

  await update(workflows, other.id, { steps: [aStep('only')], slug: 'bottom' })
  const back = workflows.rollbackWorkflow({ workflow: other.id, version: '1' })
  const refused = await refusalOf(back)
  expect(refused).toMatchObject({ reason: 'FIELD_INVALID', fields: ['version'] })
  expect(refused.message).toContain(`version: its ${path} would`)
})

test('a deleted workflow and one of another project hold nobody up', async () => {
  const { id } = await nest('once', 'twice')
  const neighbour = await openNeighbour(app)
  await makeWorkflow(neighbour, { slug: 'once', steps: [aSubStep('s', 'twice')] })
  await workflows.deleteWorkflow({ workflow: id })
  expect(await nest('twice', 'once')).toMatchObject({ slug: 'twice' })
})

test('10 workflows lie within each other, and an eleventh is refused from either end', async () => {
  for (let nth = 9; nth > 1; nth--) await nest(`deep-${nth}`, `deep-${nth + 1}`)
  await nest('deep-1', 'deep-2')
  expect(await refusalOf(nest('deep-0', 'deep-1'))).toMatchObject({ fields: [`workflow.${path}`] })
  expect(await refusalOf(nest('deep-10', 'deep-11'))).toMatchObject({ fields: [`workflow.${path}`] })
  expect(await makeWorkflow(workflows, { slug: 'deep-10' })).toMatchObject({ slug: 'deep-10' })
})

test('of two that would be put into each other at once, one is refused', async () => {
  for (let round = 0; round < 5; round++) {
    const [left, right] = [`left-${round}`, `right-${round}`]
    await makeWorkflow(workflows, { slug: left })
    await makeWorkflow(workflows, { slug: right })
    const both = await Promise.allSettled([
      update(workflows, left, { steps: [aSubStep('s', right)] }),
      update(workflows, right, { steps: [aSubStep('s', left)] }),
    ])
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  }
})
