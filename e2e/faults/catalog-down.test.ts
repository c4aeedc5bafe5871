import { createReceiver } from '@strait/testkit/receiver'
import { waitFor } from '@strait/testkit/wait-for'
import { expect, test } from 'vitest'
import { startCluster } from '../cluster.ts'
import { assertRunHistory } from '../invariants.ts'

// Longer than anything is trusted without being asked for again.
const longerThanFreshMs = 6_500

test('with the catalog down, jobs that were used before go on being triggered and run, others are UNAVAILABLE', async () => {
  await using cluster = await startCluster({ scheduler: false, notifier: false })
  await using endpoint = await createReceiver()
  await cluster.jobs.createJob({ job: { name: 'Known', endpointUrl: endpoint.url } })
  await cluster.jobs.createJob({ job: { name: 'Unknown', endpointUrl: endpoint.url } })
  await cluster.runs().triggerJob({ job: 'known' })
  cluster.catalog.kill('SIGKILL')
  await cluster.catalog.exited
  const until = performance.now() + longerThanFreshMs
  let triggered = 1
  while (performance.now() < until) {
    await cluster.runs().triggerJob({ job: 'known' })
    triggered++
  }
  await waitFor(() => endpoint.requests.length === triggered, { what: 'every run to be called' })
  await expect(cluster.runs().triggerJob({ job: 'unknown' })).rejects.toThrow(/unavailable/)
  await waitFor(
    async () => (await cluster.sql.query('select from dispatcher.outcomes')).rowCount === triggered,
    { what: 'every run to end' },
  )
  await assertRunHistory(cluster.sql)
}, 60_000)

test('with the catalog hanging, a run whose version is not known does not hold up the runs of others', async () => {
  await using cluster = await startCluster({ scheduler: false, notifier: false })
  await using endpoint = await createReceiver()
  await cluster.jobs.createJob({ job: { name: 'Known', endpointUrl: endpoint.url } })
  const first = await cluster.runs().triggerJob({ job: 'known' })
  await waitFor(async () => (await cluster.sql.query('select from dispatcher.outcomes')).rowCount === 1, {
    what: 'the first run to end',
  })
  cluster.catalog.kill('SIGSTOP')
  await cluster.sql.query(
    `with stranger as (
      insert into dispatcher.runs
      select (jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid(), 'triggered_version', 2))).*
      from dispatcher.runs r where id = $1 returning *
    )
    insert into dispatcher.queue (run_id, project_id, job_id, shard, version, due_at)
    select id, project_id, job_id, shard, triggered_version, scheduled_at from stranger`,
    [first.run?.id],
  )
  // Until the sweep has found it, and has asked for its version, and so on.
  const until = performance.now() + 3_000
  while (performance.now() < until) {
    const { run } = await cluster.runs().triggerJob({ job: 'known' })
    await endpoint.waitFor((request) => request.headers['x-strait-run-id'] === run?.id, 1_000)
  }
  cluster.catalog.kill('SIGCONT')
  const { rows } = await cluster.sql.query("select from dispatcher.queue where status = 'ready'")
  expect(rows.length).toBe(1)
}, 60_000)
