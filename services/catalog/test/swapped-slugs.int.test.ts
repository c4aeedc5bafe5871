// Two jobs that take each other's slugs at the same moment: each waits for the other one in the unique index. Postgres ends one of the two,
// and whoever asked for it is told what is true, that the slug is taken, and not of a fault.

import { createPool } from '@strait/postgres/pool'
import { waitFor } from '@strait/testkit/wait-for'
import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { openApp } from './app-bundle.ts'
import { makeJob, patchJob } from './job-bundle.ts'
import { refusalOf } from './refusal.ts'

test('who is ended for the other one finds the slug taken', async () => {
  await using app = await openApp()
  const [left, right] = [await makeJob(app, { slug: 'left' }), await makeJob(app, { slug: 'right' })]
  const { url } = app.store.database
  const onError = () => undefined
  const login = createPool({ url, max: 1, name: 'swap-test', statementTimeoutMs: 20_000, onError })
  onTestFinished(() => login.end())

  // The other change, in its steps. It looks for a deadlock later than the catalog does, which is the one that is ended.
  const other = await login.connect()
  await other.query(`begin; set local deadlock_timeout = '3s'`)
  await other.query(`update catalog.jobs set slug = 'moving' where id = $1`, [right.id])
  const asked = refusalOf(patchJob(app, left.id, { slug: 'right' }))
  await waitFor(isSomebodyWaiting, { what: 'the change to wait for the slug' })
  const outcome = await other.query(`update catalog.jobs set slug = 'left' where id = $1`, [right.id]).then(
    () => 'done',
    (error: Error) => error.message,
  )
  await other.query('rollback')
  other.release()
  expect(outcome).not.toBe('done')
  expect(await asked).toMatchObject({ code: 'already_exists', reason: 'SLUG_TAKEN', fields: ['patch.slug'] })

  async function isSomebodyWaiting(): Promise<boolean> {
    const { rows } = await sql`
      select from pg_locks join pg_stat_activity using (pid) where not granted and datname = current_database()
    `.execute(app.store.db)
    return rows.length > 0
  }
})
