// What a dispatcher does when an answer of Postgres got lost, or came too late: what it asked for may have been done or not.

import { RunStatus } from '@strait/contracts/dispatcher/v1/run_pb'
import { createReceiver } from '@strait/testkit/receiver'
import { createTcpProxy } from '@strait/testkit/tcp-proxy'
import { waitFor } from '@strait/testkit/wait-for'
import type pg from 'pg'
import { expect, test } from 'vitest'
import { type Cluster, startCluster } from '../cluster.ts'
import { assertRunHistory } from '../invariants.ts'

const gateKey = 4711

/** Makes every update of a table wait in Postgres until the gate is opened. */
async function closeGate(
  cluster: Cluster,
  table: 'queue' | 'shards',
): Promise<AsyncDisposable & { open(): Promise<void> }> {
  await cluster.sql.query(`
    create function public.wait_at_gate() returns trigger language plpgsql as $$
    begin perform pg_advisory_xact_lock_shared(${gateKey}); return new; end $$;
    create trigger gate before update on dispatcher.${table} for each row execute function public.wait_at_gate()`)
  let client: pg.PoolClient | undefined = await cluster.sql.connect()
  await client.query('select pg_advisory_lock($1)', [gateKey])
  const open = async () => {
    await client?.query('select pg_advisory_unlock($1)', [gateKey])
    client?.release()
    client = undefined
  }
  return { open, [Symbol.asyncDispose]: open }
}

async function count(cluster: Cluster, what: string): Promise<number> {
  const { rows } = await cluster.sql.query<{ n: number }>(`select count(*)::int as n from ${what}`)
  return rows[0]?.n ?? 0
}

const atTheGate = (cluster: Cluster) =>
  count(cluster, `pg_locks where locktype = 'advisory' and not granted and objid = ${gateKey}`)

/** A dispatcher whose way to Postgres can be cut. */
async function addCuttable(cluster: Cluster) {
  const database = new URL(cluster.databaseUrl)
  const proxy = await createTcpProxy({ port: Number(database.port) })
  database.port = String(proxy.port)
  return { proxy, dispatcher: await cluster.addDispatcher({ DATABASE_URL: database.href }) }
}

test('a start that comes when the lease just lapsed is not forgotten: the run is started after the renewal', async () => {
  await using cluster = await startCluster({
    scheduler: false,
    notifier: false,
    env: { DISPATCHER_LEASE_MS: '4000' },
  })
  await using endpoint = await createReceiver()
  await cluster.jobs.createJob({ job: { name: 'Lapsed', endpointUrl: endpoint.url } })
  await cluster.sql.query(
    "update dispatcher.dispatchers set lease_until = clock_timestamp() - interval '1 ms'",
  )
  const { run } = await cluster.runs().triggerJob({ job: 'lapsed' })
  await endpoint.waitFor((request) => request.headers['x-strait-run-id'] === run?.id)
  await waitFor(async () => (await count(cluster, 'dispatcher.outcomes')) === 1, { what: 'the run to end' })
  await assertRunHistory(cluster.sql)
}, 60_000)

test('a start whose connection breaks and that commits only after it was asked for again is found, and called once', async () => {
  await using cluster = await startCluster({
    dispatchers: 0,
    scheduler: false,
    notifier: false,
    env: { DISPATCHER_LEASE_MS: '8000' },
  })
  const { proxy, dispatcher } = await addCuttable(cluster)
  await using _ = proxy
  await using endpoint = await createReceiver()
  await cluster.jobs.createJob({ job: { name: 'Doubt', endpointUrl: endpoint.url, maxAttempts: 1 } })
  await using gate = await closeGate(cluster, 'queue')
  const { run } = await cluster.runs(dispatcher).triggerJob({ job: 'doubt' })
  await waitFor(async () => (await atTheGate(cluster)) === 1, { what: 'the start to wait in Postgres' })
  proxy.cut()
  await waitFor(
    async () =>
      (await count(
        cluster,
        "pg_stat_activity where application_name = 'strait-dispatcher-start' and state = 'idle' and query like '%as may_start from dispatchers%'",
      )) > 0,
    { what: 'the start to be asked for again and answered' },
  )
  await gate.open()
  await waitFor(async () => (await count(cluster, 'dispatcher.outcomes')) === 1, {
    what: 'the run to end',
    timeoutMs: 10_000,
  })
  const { run: ended } = await cluster.runs(dispatcher).getRun({ run: run?.id ?? '' })
  expect(ended).toMatchObject({ status: RunStatus.COMPLETED, attempt: 1 })
  expect(endpoint.requests.length).toBe(1)
  await assertRunHistory(cluster.sql)
}, 60_000)

test('shards whose claim was committed and whose answer got lost are served all the same', async () => {
  await using cluster = await startCluster({ dispatchers: 0, scheduler: false, notifier: false })
  await using endpoint = await createReceiver()
  await cluster.jobs.createJob({ job: { name: 'Claimed', endpointUrl: endpoint.url } })
  await using gate = await closeGate(cluster, 'shards')
  const { proxy, dispatcher } = await addCuttable(cluster)
  await using _ = proxy
  await waitFor(async () => (await atTheGate(cluster)) === 1, { what: 'the claim to wait in Postgres' })
  proxy.cut()
  await waitFor(
    async () =>
      (await count(
        cluster,
        "pg_stat_activity where application_name = 'strait-dispatcher-lease' and wait_event is distinct from 'advisory'",
      )) > 0,
    { what: 'a new connection' },
  )
  await gate.open()
  await waitFor(async () => (await count(cluster, 'dispatcher.shards where owner is not null')) === 64, {
    what: 'every shard to be owned',
  })
  await cluster.runs(dispatcher).triggerJob({ job: 'claimed' })
  await endpoint.waitFor(() => true)
  await waitFor(async () => (await count(cluster, 'dispatcher.outcomes')) === 1, { what: 'the run to end' })
  await assertRunHistory(cluster.sql)
}, 60_000)

test('a dispatcher that is told to stop while a start is not answered stops within its time', async () => {
  await using cluster = await startCluster({
    dispatchers: 0,
    scheduler: false,
    notifier: false,
    env: { DISPATCHER_DRAIN_SECS: '1' },
  })
  const { proxy, dispatcher } = await addCuttable(cluster)
  await using _ = proxy
  await using endpoint = await createReceiver()
  await cluster.jobs.createJob({ job: { name: 'Stopped', endpointUrl: endpoint.url } })
  await using gate = await closeGate(cluster, 'queue')
  await cluster.runs(dispatcher).triggerJob({ job: 'stopped' })
  await waitFor(async () => (await atTheGate(cluster)) === 1, { what: 'the start to wait in Postgres' })
  proxy.refuse()
  dispatcher.kill('SIGTERM')
  expect((await dispatcher.exited).code).toBe(0)
  await gate.open()
}, 60_000)
