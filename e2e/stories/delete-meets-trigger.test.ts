// A trigger that is decided at one replica the moment before its job is closed, and stored the moment after: the deletion counts its run.

import { RunStatus } from '@strait/contracts/dispatcher/v1/run_pb'
import type { Answer } from '@strait/testkit/receiver'
import { waitFor } from '@strait/testkit/wait-for'
import { expect, test } from 'vitest'
import { startLive } from '../live.ts'

test('a job is not deleted under runs that were being stored when it was closed', async () => {
  await using live = await startLive({ env: { CATALOG_ANNOUNCE_WAIT_MS: '5000' } })
  const { cluster, endpoint } = live
  await cluster.jobs.createJob({ job: { name: 'Work', endpointUrl: endpoint.url } })
  await live.untilAll(await live.trigger('work', 4), RunStatus.COMPLETED)

  // What is called from now on is not done before the deletion is answered.
  const held = Promise.withResolvers<Answer>()
  endpoint.respond(() => held.promise)

  // Whoever stores a run now waits at the last moment before it is there.
  const lock = await cluster.sql.connect()
  const rowsOf = async (query: string) => (await lock.query(query)).rowCount
  await lock.query('begin; lock table dispatcher.runs in share row exclusive mode')
  const triggers = live.trigger('work', 4)
  await waitFor(
    async () => (await rowsOf("select from pg_stat_activity where wait_event_type = 'Lock'")) === 2,
    { what: 'both replicas to be storing runs' },
  )
  const deleted = cluster.jobs.deleteJob({ job: 'work' }).then(
    () => 'deleted',
    (err: unknown) => String(err),
  )
  await waitFor(
    async () =>
      (await rowsOf('select from catalog.jobs where closing_at is not null or deleted_at is not null')) === 1,
    { what: 'the job to be closed' },
  )
  // Several times, so that a count that comes too early has had its time, too.
  const clients = cluster.dispatchers.map((dispatcher) => cluster.runs(dispatcher))
  for (let refused = 0; refused < 4; ) {
    const answer = await clients[refused % 2]
      ?.triggerJob({ job: 'work' }, { timeoutMs: 500 })
      .then(String, String)
    if (/being deleted|no such job/.test(answer ?? '')) refused++
  }
  await lock.query('commit')
  lock.release()

  expect(await deleted).toMatch(/unfinished run/)
  held.resolve({ body: {} })
  await live.untilAll(await triggers, RunStatus.COMPLETED)
}, 60_000)
