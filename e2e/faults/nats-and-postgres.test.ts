import { createReceiver } from '@strait/testkit/receiver'
import { createTcpProxy } from '@strait/testkit/tcp-proxy'
import { waitFor } from '@strait/testkit/wait-for'
import { expect, test } from 'vitest'
import { startCluster } from '../cluster.ts'
import { assertRunHistory } from '../invariants.ts'

test('with NATS killed and its store wiped, runs go on across two dispatchers and every webhook arrives', async () => {
  await using cluster = await startCluster({ dispatchers: 2, scheduler: false })
  await using endpoint = await createReceiver()
  await using hook = await createReceiver(() => ({ status: 204 }))
  const names = Array.from({ length: 8 }, (_, i) => `quiet-${i}`)
  for (const name of names)
    await cluster.jobs.createJob({ job: { name, endpointUrl: endpoint.url, webhookUrl: hook.url } })
  await cluster.nats.kill()
  const trigger = (job: string, i: number) => cluster.runs(cluster.dispatchers[i % 2]).triggerJob({ job })
  const first = await Promise.all(names.map(trigger))
  await waitFor(() => hook.requests.length >= first.length, {
    what: 'webhooks without NATS',
    timeoutMs: 20_000,
  })
  await cluster.nats.wipe()
  const second = await Promise.all(names.map(trigger))
  const ids = [...first, ...second].map(({ run }) => run?.id ?? '')
  const told = () => new Set(hook.requests.map((request) => JSON.parse(request.body.toString()).data.run_id))
  await waitFor(() => told().size === ids.length, { what: 'every webhook', timeoutMs: 20_000 })
  expect(told()).toEqual(new Set(ids))
  expect(endpoint.requests.length).toBe(ids.length)
  await assertRunHistory(cluster.sql)
}, 90_000)

test('a dispatcher cut off from Postgres starts nothing, keeps its calls, and writes their ends when it is back', async () => {
  await using cluster = await startCluster({
    dispatchers: 0,
    scheduler: false,
    notifier: false,
    env: { DISPATCHER_LEASE_MS: '4000' },
  })
  const database = new URL(cluster.databaseUrl)
  await using proxy = await createTcpProxy({ port: Number(database.port) })
  database.port = String(proxy.port)
  const dispatcher = await cluster.addDispatcher({ DATABASE_URL: database.href })
  const hold = Promise.withResolvers<void>()
  await using endpoint = await createReceiver(async () => {
    await hold.promise
    return {}
  })
  await cluster.jobs.createJob({ job: { name: 'Cut', endpointUrl: endpoint.url } })
  const runs = cluster.runs(dispatcher)
  const { run } = await runs.triggerJob({ job: 'cut' })
  await endpoint.waitFor(() => true)
  proxy.refuse()
  await expect(runs.triggerJob({ job: 'cut' })).rejects.toThrow(/unavailable/)
  hold.resolve()
  await waitFor(() => endpoint.requests[0]?.endedAt, { what: 'the answer to be given' })
  proxy.heal()
  await waitFor(
    async () =>
      (await cluster.sql.query('select from dispatcher.outcomes where run_id = $1', [run?.id])).rowCount ===
      1,
    {
      what: 'the end to be written',
    },
  )
  expect(endpoint.requests.filter((request) => request.headers['x-strait-run-id'] === run?.id).length).toBe(1)
  await assertRunHistory(cluster.sql)
}, 60_000)
