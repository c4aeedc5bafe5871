// What the database itself refuses of workflows, whatever the code does.

import { newUuidv7 } from '@strait/domain/ids'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AppBundle, openApp } from './app-bundle.ts'
import { makeWorkflow, update, workflowsOf } from './workflow-bundle.ts'

let app: AppBundle
beforeAll(async () => {
  app = await openApp()
})
afterAll(() => app[Symbol.asyncDispose]())

test('a version never changes, and a head points at one that exists', async () => {
  const { id } = await makeWorkflow(workflowsOf(app))
  const change = sql`update workflow_versions set created_by = 'somebody' where workflow_id = ${id}`
  await expect(change.execute(app.store.db)).rejects.toThrow('a version never changes')
  const head = sql`update workflows set version = 2 where id = ${id}`
  await expect(head.execute(app.store.db)).rejects.toThrow('the_newest_version_of_a_workflow_exists')
})

test('a slug is unique among what is there, and never has the form of an id', async () => {
  const { db } = app.store
  const one = await makeWorkflow(workflowsOf(app), { slug: 'one' })
  await makeWorkflow(workflowsOf(app), { slug: 'two' })
  const rename = (slug: string) => sql`update workflows set slug = ${slug} where id = ${one.id}`.execute(db)
  await expect(rename('two')).rejects.toThrow('workflow_slugs_are_unique_in_a_project')
  for (const slug of ['No Slug', 'a--b', '', 'a'.repeat(129), newUuidv7()])
    await expect(rename(slug)).rejects.toThrow('a_workflow_slug_has_the_form_of_one')
})

test('every write marks its head with its transaction, so that followers find it', async () => {
  const workflows = workflowsOf(app)
  const { id } = await makeWorkflow(workflows)
  const changed = async () => {
    const { rows } = await sql<{ changed: string; tx: string }>`
      select changed::text, xmin::text as tx from workflows where id = ${id}
    `.execute(app.store.db)
    expect(rows[0]?.changed).toBe(rows[0]?.tx)
    return Number(rows[0]?.changed)
  }
  const seen = [await changed()]
  await update(workflows, id, { enabled: false })
  seen.push(await changed())
  await workflows.deleteWorkflow({ workflow: id })
  seen.push(await changed())
  expect(new Set(seen).size).toBe(3)
  expect(seen).toEqual(seen.toSorted((a, b) => a - b))
})
