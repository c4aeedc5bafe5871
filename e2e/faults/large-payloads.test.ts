import { createReceiver } from '@strait/testkit/receiver'
import { waitFor } from '@strait/testkit/wait-for'
import { expect, test } from 'vitest'
import { startCluster } from '../cluster.ts'
import { assertRunHistory } from '../invariants.ts'

const runs = 100

test('a backlog of the largest payloads is worked off, and no start takes on more than it can send in time', async () => {
  await using cluster = await startCluster({ scheduler: false, notifier: false })
  await using endpoint = await createReceiver()
  await cluster.jobs.createJob({ job: { name: 'Large', endpointUrl: endpoint.url } })
  const ended = async () => (await cluster.sql.query('select from dispatcher.outcomes')).rowCount
  await cluster.runs().triggerJob({ job: 'large', payload: JSON.stringify('x'.repeat(2 ** 20 - 2)) })
  await waitFor(async () => (await ended()) === 1, { what: 'the first run to end' })
  const [leaving] = cluster.dispatchers
  leaving?.kill('SIGTERM')
  await leaving?.exited
  await cluster.sql.query(`
    with more as (
      insert into dispatcher.runs
      select (jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid()))).*
      from dispatcher.runs r, generate_series(2, ${runs}) returning *
    )
    insert into dispatcher.queue (run_id, project_id, job_id, shard, version, due_at, start_bytes)
    select id, project_id, job_id, shard, triggered_version, scheduled_at, octet_length(payload) from more`)
  await cluster.addDispatcher()
  await waitFor(async () => (await ended()) === runs, { what: 'every run to end', timeoutMs: 20_000 })
  const { rows } = await cluster.sql.query(
    "select count(*)::int as unsent from dispatcher.attempts where outcome = 'unsent'",
  )
  expect(rows).toEqual([{ unsent: 0 }])
  await assertRunHistory(cluster.sql)
}, 60_000)
