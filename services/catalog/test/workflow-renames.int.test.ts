// A workflow that is named by its slug while somebody gives it another one: what was asked is done to the workflow that was found, and
// never to another one that got the slug meanwhile.

import { waitFor } from '@strait/testkit/wait-for'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CatalogDb } from '../src/store/database.ts'
import { type AppBundle, openApp } from './app-bundle.ts'
import { makeWorkflow, update, type Workflows, workflowsOf } from './workflow-bundle.ts'

let app: AppBundle
let workflows: Workflows
beforeAll(async () => {
  app = await openApp()
  workflows = workflowsOf(app)
})
afterAll(() => app[Symbol.asyncDispose]())

interface Swap {
  readonly id: string
  readonly slug: string
  /** Another workflow, which gets the slug that is free then. */
  readonly heir: { readonly id: string; readonly slug: string }
}

/** Starts something, lets it find the workflow, and gives that another slug before it writes. */
async function renamedMeanwhile<T>({ id, slug, heir }: Swap, start: () => Promise<T>): Promise<T> {
  const { db } = app.store
  const { promise: awaited, resolve: commit } = Promise.withResolvers<void>()
  const { promise: held, resolve: hold } = Promise.withResolvers<void>()
  const rename = db.transaction().execute(async (trx) => {
    await sql`select from workflows where id = ${id} for update`.execute(trx)
    hold()
    await awaited
    await giveSlug(trx, id, slug)
    await giveSlug(trx, heir.id, heir.slug)
  })
  await held
  const started = start()
  await waitFor(isSomebodyWaiting, { what: 'the change to wait for the workflow' }).finally(commit)
  await rename
  return started
}

async function giveSlug(trx: CatalogDb, id: string, slug: string): Promise<void> {
  await sql`
    with version as (
      insert into workflow_versions (workflow_id, version, version_id, config, created_by)
      select workflow_id, 2, 'ver_0000000002', config || jsonb_build_object('slug', ${slug}::text), created_by
      from workflow_versions where workflow_id = ${id} and version = 1
    )
    update workflows set slug = ${slug}, version = 2, changed = pg_current_xact_id() where id = ${id}
  `.execute(trx)
}

async function isSomebodyWaiting(): Promise<boolean> {
  const { rows } = await sql`
    select from pg_locks join pg_stat_activity using (pid) where not granted and datname = current_database()
  `.execute(app.store.db)
  return rows.length > 0
}

test('an update is made to the workflow that was found', async () => {
  const { id } = await makeWorkflow(workflows, { slug: 'update-me' })
  const heir = await makeWorkflow(workflows, { slug: 'heir-of-update' })
  const swap = { id, slug: 'updated', heir: { id: heir.id, slug: 'update-me' } }
  const { workflow } = await renamedMeanwhile(swap, () =>
    update(workflows, 'update-me', { description: 'new' }),
  )
  expect(workflow).toMatchObject({ id, slug: 'updated', description: 'new', version: 3 })
})

test('the workflow that was found is deleted', async () => {
  const { id } = await makeWorkflow(workflows, { slug: 'delete-me' })
  const heir = await makeWorkflow(workflows, { slug: 'heir-of-delete' })
  const swap = { id, slug: 'deleted', heir: { id: heir.id, slug: 'delete-me' } }
  const { workflow } = await renamedMeanwhile(swap, () => workflows.deleteWorkflow({ workflow: 'delete-me' }))
  expect(workflow).toMatchObject({ id, slug: 'deleted' })
  expect((await workflows.getWorkflow({ workflow: 'delete-me' })).workflow?.id).toBe(heir.id)
})
