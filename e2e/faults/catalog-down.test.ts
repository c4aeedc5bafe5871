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
